"""Messages from outside cannot end the kernel or run code without a signature."""

import hashlib
import hmac
import json
import os
import random
import subprocess
import tempfile
import time

import zmq

from client import Kernel


class Safety(Kernel):
    @classmethod
    def setUpClass(cls):
        cls.log = tempfile.TemporaryFile("w+")
        super().setUpClass()

    @classmethod
    def tearDownClass(cls):
        super().tearDownClass()
        cls.log.close()

    def shell(self):
        socket = zmq.Context.instance().socket(zmq.DEALER)
        socket.connect(f"tcp://{self.km.ip}:{self.km.shell_port}")
        return socket

    def frames(self, *parts):
        key = self.km.session.key
        return [b"<IDS|MSG>", hmac.new(key, b"".join(parts[:4]), hashlib.sha256).hexdigest().encode(), *parts]

    def header(self, kind):
        return json.dumps({"msg_id": os.urandom(4).hex(), "msg_type": kind, "session": "s", "username": "u", "date": "", "version": "5.3"}).encode()

    def test_drops_a_message_with_a_wrong_signature(self):
        socket = self.shell()
        parts = self.frames(self.header("kernel_info_request"), b"{}", b"{}", b"{}")
        socket.send_multipart([parts[0], b"0" * 64, *parts[2:]])
        self.assertFalse(socket.poll(500))
        socket.send_multipart(parts)
        self.assertTrue(socket.poll(5000))
        socket.close(0)

    def test_listens_at_its_own_address_only(self):
        listening = subprocess.run(f"ss -ltnH 2>/dev/null | grep ':{self.km.shell_port} '", shell=True, capture_output=True, text=True).stdout
        if listening:
            self.assertIn(f"{self.km.ip}:{self.km.shell_port}", listening)
        elsewhere = zmq.Context.instance().socket(zmq.DEALER)
        elsewhere.connect(f"tcp://127.0.0.2:{self.km.shell_port}")
        elsewhere.send_multipart(self.frames(self.header("kernel_info_request"), b"{}", b"{}", b"{}"))
        self.assertFalse(elsewhere.poll(500))
        elsewhere.close(0)

    def test_drops_a_replayed_message(self):
        socket = self.shell()
        code = 'Reflect.set(globalThis, "replays", (Reflect.get(globalThis, "replays") ?? 0) + 1)'
        parts = self.frames(self.header("execute_request"), b"{}", b"{}", json.dumps({"code": code}).encode())
        for _ in range(3):
            socket.send_multipart(parts)
        socket.close(2000)
        time.sleep(1)
        self.assertEqual(self.value('Reflect.get(globalThis, "replays")'), "1")

    def test_survives_random_messages(self):
        draw = random.Random(7)
        kinds = ["execute_request", "complete_request", "inspect_request", "is_complete_request", "history_request", "comm_open", "comm_msg", "comm_close", "comm_info_request", "kernel_info_request", "interrupt_request", "nonsense", "__proto__", "constructor", ""]
        contents = [b"{}", b"[]", b"null", b"1", b"{", b"", b"\xff\xfe", b'{"code":1}', b'{"code":{"a":[]},"cursor_pos":"x"}', b'{"code":"1","cursor_pos":-5}', b'{"code":"1","cursor_pos":1e9,"detail_level":"9"}', b'{"hist_access_type":"range","start":"a"}', b'{"code":"1","user_expressions":[1,null]}', b'{"code":"1","user_expressions":"text"}', b'{"comm_id":null,"data":3,"target_name":{}}', b'{"hist_access_type":"search","pattern":"[(*","n":-1}']
        channels = [self.shell()]
        for port in (self.km.control_port, self.km.stdin_port):
            socket = zmq.Context.instance().socket(zmq.DEALER)
            socket.connect(f"tcp://{self.km.ip}:{port}")
            channels.append(socket)
        for _ in range(600):
            socket = draw.choice(channels)
            parts = self.frames(self.header(draw.choice(kinds)), b"{}", b"{}", draw.choice(contents), os.urandom(draw.choice([0, 10, 1000])))
            change = draw.random()
            if change < 0.2:
                parts = parts[: draw.randrange(len(parts))]
            elif change < 0.4:
                parts[draw.randrange(len(parts))] = os.urandom(draw.choice([0, 3, 200]))
            elif change < 0.45:
                parts = [os.urandom(20) for _ in range(draw.randrange(1, 9))]
            socket.send_multipart(parts or [b""])
        channels[0].send_multipart(self.frames(self.header("execute_request"), b"{}", b"{}", json.dumps({"code": "// " + "x" * 20_000_000}).encode()))
        channels[0].send_multipart(self.frames(self.header("comm_msg"), b"{}", b"{}", b"{}", os.urandom(30_000_000)))
        for socket in channels:
            socket.close(2000)
        time.sleep(1)
        self.assertEqual(self.value("20 + 22"), "42")
        self.assertTrue(self.km.is_alive())
        self.log.seek(0)
        for line in self.log:
            self.assertRegex(line, "^a message on (shell|control|stdin) was dropped: ")

    def test_answers_after_cells_that_replace_built_in_values(self):
        throwing = "for (const name of Object.getOwnPropertyNames(%s)) if (typeof (%s as any)[name] === 'function') (%s as any)[name] = () => { throw new Error(name) };"
        globals_ = ["JSON", "Promise", "Map", "Set", "WeakMap", "Array", "Object", "Reflect", "Symbol", "String", "Error", "RegExp", "Atomics", "Buffer", "process", "AbortController", "URL", "TextDecoder", "__cell__"]
        cells = [f"(globalThis as any).{name} = undefined;" for name in globals_]
        cells += [throwing % ((f"{name}.prototype",) * 3) for name in ("Array", "String", "Promise", "Map", "Set", "RegExp", "Function", "Object")]
        cells += [throwing % ((name,) * 3) for name in ("JSON", "Object", "Reflect", "Promise", "Atomics", "Array")]
        cells += ["Array.prototype[Symbol.iterator] = function () { throw new Error('iterator') } as any;"]
        cells += ["globalThis.setTimeout = globalThis.setImmediate = globalThis.queueMicrotask = (() => 0) as any; process.nextTick = () => {};"]
        cells += ["globalThis.performance = undefined as any;"]
        for code in cells:
            with self.subTest(code):
                reply, shown = self.run_cell(f"{code}\n({{ a: [1] }})", timeout=20)
                # The cell may meet its own replacements at its end.
                results = [content["data"]["text/plain"] for kind, content in shown if kind == "execute_result"]
                self.assertEqual(results, ["{ a: [ 1 ] }"] if reply["status"] == "ok" else [])
                self.assertEqual(self.value("let declared = [1]; declared"), "[ 1 ]")
        # What a cell replaces later is put back before the next request.
        self.run_cell("setTimeout(() => { globalThis.JSON = undefined as any; }, 100);", store_history=False)
        time.sleep(0.3)
        self.assertEqual(self.value("JSON.stringify([1])"), "'[1]'")

    def test_names_the_built_in_values_that_it_puts_back(self):
        _, shown = self.run_cell("JSON.stringify = () => 'mine'; Array.prototype.map = () => [];")
        said = self.text(shown, "stderr")
        self.assertEqual(said, "The kernel needs built-in objects as they were, and has put back: Array.prototype.map, JSON.stringify.\n")
        _, shown = self.run_cell("Object.defineProperty(Array.prototype, 'second', { get() { return this[1] }, configurable: true }); [1, 2].map((x) => x)")
        self.assertEqual(self.text(shown, "stderr"), "")

    def test_removes_properties_of_prototypes_that_its_own_objects_would_have(self):
        forms = [
            "{ configurable: true, get() { throw new Error('hostile') } }",
            "{ configurable: true, get: () => undefined, set() { throw new Error('hostile') } }",
            "{ configurable: true, writable: true, enumerable: true, value: () => 7 }",
        ]
        names = ["get", "set", "value", "writable", "enumerable", "configurable", "then", "toJSON", "return", "0"]
        for owner, name in [("Object", name) for name in names] + [("Array", name) for name in ("then", "toJSON", "0")]:
            for form in forms:
                with self.subTest(owner=owner, name=name, form=form):
                    _, shown = self.run_cell(f"Object.defineProperty({owner}.prototype, '{name}', Object.setPrototypeOf({form}, null));\n5")
                    self.assertIn(f"has put back: {owner}.prototype.{name}.\n", self.text(shown, "stderr"))
                    self.assertEqual(self.value("let declared = [1]; class Declared {}\nawait Promise.resolve(); ({ declared })"), "{ declared: [ 1 ] }")

    def test_names_properties_of_prototypes_that_it_cannot_remove(self):
        # The other tests get another kernel.
        self.addCleanup(self.setUpClass)
        self.addCleanup(self.tearDownClass)
        _, shown = self.run_cell("Object.defineProperty(Object.prototype, 'value', { get() { throw new Error('hostile') } });\n5")
        said = "The kernel needs built-in objects as they were, but cells have made some constant: Object.prototype.value. Restart the kernel if cells fail.\n"
        self.assertEqual(self.text(shown, "stderr"), said)
        _, shown = self.run_cell("let declared = [1]; class Declared {}\n({ declared })")
        self.assertEqual([(kind, content.get("data")) for kind, content in shown], [("execute_result", {"text/plain": "{ declared: [ 1 ] }"})])

    def test_runs_cells_beside_properties_that_prototypes_have_got(self):
        names = ["map", "error", "data", "cause", "diagnostics", "ename", "kind"]
        for name in names:
            with self.subTest(name):
                self.run_cell(f"Object.defineProperty(Object.prototype, '{name}', {{ configurable: true, writable: true, enumerable: true, value: () => 7 }});")
                self.assertEqual(self.value("let declared = [1]; declared"), "[ 1 ]")
                self.assertEqual(self.run_cell("let wrong: number = 'text'")[0]["ename"], "TypeError")
                self.assertEqual(self.value(f"({{ }} as any).{name}()"), "7")
                self.value(f"Reflect.deleteProperty(Object.prototype, '{name}')")
