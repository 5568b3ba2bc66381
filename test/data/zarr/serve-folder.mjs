/**
 * Serves the files of a folder, and prints its address. The first part of a path chooses a behaviour: `ranges` serves files and ranges of
 * bytes, `flaky` loses the connection twice before each file, `busy` answers 503 once, `lost` always loses the connection in the middle of
 * a file, `whole` ignores ranges, and `closed` answers 403.
 */
import { createReadStream, existsSync, statSync } from "node:fs";
import { createServer } from "node:http";
import { join } from "node:path";

const [folder] = process.argv.slice(2);
const requests = new Map();

const server = createServer((request, response) => {
  const [, behaviour, ...rest] = new URL(request.url, "http://localhost").pathname.split("/");
  const path = join(folder, ...rest);
  const count = requests.get(request.url) ?? 0;
  requests.set(request.url, count + 1);
  if (behaviour === "closed") return response.writeHead(403).end();
  if (behaviour === "flaky" && count < 2) return request.socket.destroy();
  if (behaviour === "busy" && count < 1) return response.writeHead(503).end();
  if (!existsSync(path) || !statSync(path).isFile()) return response.writeHead(404).end();
  const { size } = statSync(path);
  if (behaviour === "lost") {
    response.writeHead(200, { "content-length": size + 1 });
    response.write("half");
    return setTimeout(() => request.socket.destroy(), 10);
  }
  const range = behaviour === "ranges" && /^bytes=(\d*)-(\d+)$/.exec(request.headers.range ?? "");
  const [first, last] = range ? range.slice(1) : ["0", size - 1];
  const [start, end] = first === "" ? [size - last, size - 1] : [Number(first), Number(last)];
  response.writeHead(range ? 206 : 200, { "content-length": end - start + 1 });
  createReadStream(path, { start, end }).pipe(response);
});

server.listen(0, "127.0.0.1", () => console.log(`http://127.0.0.1:${server.address().port}`));
