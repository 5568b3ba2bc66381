"""Stops loops of 20 kinds again and again, with one kernel and with three: python stress.py [STOPS]

Prints one line for each number of kernels, and fails on a kernel that died, a cell that was not stopped, or a lost state. The slowest stop
is told, too: on an idle machine it takes less than two seconds.
"""

import random
import sys
import threading
import time

from jupyter_client.manager import KernelManager

SLOW = 60

#: Loops that only a stop ends. `text` is a long JSON text, `down` a recursion that catches its errors.
LOOPS = [
    "while (true) {}",
    "for (;;) { try { while (true) {} } catch {} }",
    "for (;;) try { throw new Error('again') } catch {} finally {}",
    "for (;;) await 0;",
    "for (;;) await Promise.all([0, 1].map(async () => { await 0; }));",
    "await new Promise(() => {});",
    "for (;;) await new Promise(r => setTimeout(r, 5));",
    "for (;;) { await new Promise(r => setImmediate(r)); console.log('tick'); }",
    "setTimeout(() => { while (true) {} }, 10); await new Promise(() => {});",
    "await new Promise(() => { const next = () => process.nextTick(next); next(); });",
    "await new Promise(() => { const next = () => queueMicrotask(next); next(); });",
    "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
    "for (;;) JSON.parse(text);",
    "for (;;) [...text.slice(0, 1e5)].sort();",
    "for (;;) text.replace(/x+/g, 'y');",
    "/^(a+)+$/.test('a'.repeat(40) + 'b');",
    "down(0);",
    "function* endless() { for (let i = 0; ; i++) yield i; } let sum = 0; for (const i of endless()) sum += i;",
    "const { execSync } = await import('node:child_process'); for (;;) execSync('sleep 0.05');",
    "for (let i = 0; ; i++) new Map([[i, { i }]]).forEach((value) => value.i);",
]
PREPARE = """
const text = JSON.stringify(Array.from({ length: 3e4 }, (_, i) => ({ i, s: 'x'.repeat(i % 50) })));
function down(n: number): number { try { return down(n + 1) + 1 } catch { return down(n + 1) } }
"""


class Stressed:
    """A kernel whose cells are stopped, with what went wrong."""

    def __init__(self, seed):
        self.draw = random.Random(seed)
        self.deaths = self.running = self.lost = self.stops = 0
        self.slowest = 0.0
        self.start()

    def start(self):
        self.km = KernelManager(kernel_name="gradbook")
        self.km.start_kernel()
        self.kc = self.km.client()
        self.kc.start_channels()
        self.kc.wait_for_ready(timeout=SLOW)
        self.reply(self.kc.execute(PREPARE))

    def reply(self, request):
        while True:
            message = self.kc.get_shell_msg(timeout=SLOW)
            if message["parent_header"].get("msg_id") == request:
                return message["content"]

    def stop(self, loop):
        state = str(self.draw.random())
        self.reply(self.kc.execute(f"let state = {state};"))
        request = self.kc.execute(loop)
        time.sleep(self.draw.uniform(0.3, 0.8))
        begun = time.time()
        self.km.interrupt_kernel()
        evalue = self.reply(request).get("evalue")
        self.slowest = max(self.slowest, time.time() - begun)
        self.stops += 1
        if evalue != "the cell was stopped":
            self.running += 1
            print(f"not stopped: {loop}: {evalue}", file=sys.stderr)
        kept = self.reply(self.kc.execute("", user_expressions={"state": "state"}))
        if kept["user_expressions"]["state"].get("data", {}).get("text/plain") != state:
            self.lost += 1
            print(f"lost state: {loop}", file=sys.stderr)

    def run(self, loops):
        for loop in loops:
            try:
                self.stop(loop)
            except Exception as error:
                self.deaths += 1
                print(f"no answer: {loop}: {error!r}", file=sys.stderr)
                self.close()
                self.start()
        self.close()

    def close(self):
        self.kc.stop_channels()
        self.km.shutdown_kernel(now=True)


def stress(kernels, stops):
    """Stops cells `stops` times in all. @return whether nothing went wrong"""
    loops = [LOOPS[i % len(LOOPS)] for i in range(stops)]
    all_ = [Stressed(seed) for seed in range(kernels)]
    threads = [threading.Thread(target=one.run, args=(loops[i::kernels],)) for i, one in enumerate(all_)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    total = lambda name: sum(getattr(one, name) for one in all_)
    deaths, running, lost = total("deaths"), total("running"), total("lost")
    slowest = max(one.slowest for one in all_)
    print(f"{kernels} kernel(s): {total('stops')} stops, {deaths} without an answer, {running} not stopped, {lost} lost states, slowest {slowest:.2f} s")
    return deaths + running + lost == 0


if __name__ == "__main__":
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 200
    results = [stress(kernels, count) for kernels in (1, 3)]
    sys.exit(0 if all(results) else 1)
