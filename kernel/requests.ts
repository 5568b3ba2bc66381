import { reportError, unawaited } from "./evaluator/errors";
import type { History } from "./evaluator/history";
import { withMembers } from "./evaluator/members";
import type { Language } from "./language/language";
import { runAs } from "./output/owner";
import type { Comms } from "./protocol/comms";
import { type Request, replyType } from "./protocol/message";
import type { Cause, Outgoing } from "./sockets/mail";

interface Parts {
  language: Language;
  history: History;
  comms: Comms;
  send(message: Outgoing): void;
}

type Answer = (content: Record<string, unknown>) => object | Promise<object>;

/** Answers requests that arrive while a cell may be running: shell requests and messages to comms. */
export class Requests {
  private readonly answers: Record<string, Answer>;

  constructor(private readonly parts: Parts) {
    const { language, history, comms } = parts;
    this.answers = {
      complete_request: async ({ code, cursor_pos }) => {
        const { text, cursor } = placeIn(code, cursor_pos);
        const { isOpen, ...found } = await language.complete(text, cursor);
        const before = [...text].slice(0, cursor).join("");
        return { status: "ok", ...(isOpen ? withMembers(found, before) : found) };
      },
      inspect_request: async ({ code, cursor_pos, detail_level }) => {
        const { text, cursor } = placeIn(code, cursor_pos);
        const data = await language.inspect(text, cursor, detail_level === 1 ? 1 : 0);
        return { status: "ok", found: data !== undefined, data: data ?? {}, metadata: {} };
      },
      is_complete_request: ({ code }) => language.isComplete(String(code ?? "")),
      history_request: (content) => history.reply(content),
      comm_info_request: ({ target_name }) => comms.info(target_name),
    };
  }

  /** Answers a request; the kernel is busy meanwhile. Unknown requests are ignored. */
  async answer(request: Request): Promise<void> {
    const { header, identities } = request;
    const cause: Cause = { cell: 0, identities, header };
    const respond = this.answers[header.msg_type];
    if (!respond && !header.msg_type.startsWith("comm_")) return;
    const busy = JSON.stringify({ execution_state: "busy" });
    this.parts.send({ kind: "publish", cause, type: "status", content: busy });
    if (respond) await this.reply(respond, request, cause);
    else this.toComm(request, cause);
    this.parts.send({ kind: "done", cause });
  }

  private async reply(respond: Answer, { header, content }: Request, cause: Cause): Promise<void> {
    const reply = await Promise.resolve()
      .then(() => respond(content))
      .catch((error: unknown) => ({ status: "error", ...reportError(error) }));
    this.parts.send({ kind: "reply", cause, type: replyType(header), content: JSON.stringify(reply) });
  }

  private toComm(request: Request, cause: Cause): void {
    const { comms, send } = this.parts;
    try {
      runAs({ cause, dead: false }, () => comms.handle(request));
    } catch (error) {
      send(unawaited(error, cause));
    }
  }
}

/** Returns the text and the cursor. The default position of the cursor is the end. */
function placeIn(code: unknown, cursor: unknown): { text: string; cursor: number } {
  const text = String(code ?? "");
  return { text, cursor: Number(cursor ?? text.length) };
}
