"""Comms: channels between cells and the front end."""

from client import SLOW, Kernel


class Comms(Kernel):
    def ask(self, kind, content):
        """Sends a message of the front end, and returns its id and the answers until the kernel is idle."""
        message = self.kc.session.msg(kind, content)
        self.kc.shell_channel.send(message)
        said = []
        while True:
            heard = self.kc.get_iopub_msg(timeout=SLOW)
            if heard["parent_header"].get("msg_id") != message["header"]["msg_id"]:
                continue
            if heard["content"].get("execution_state") == "idle":
                return message["header"]["msg_id"], said
            if heard["msg_type"] != "status":
                said.append((heard["msg_type"], heard["content"]))

    def open_comms(self, **content):
        asked, _ = self.ask("comm_info_request", content)
        return self.reply_to(asked)

    def test_closes_a_comm_to_an_unknown_target(self):
        _, said = self.ask("comm_open", {"comm_id": "a", "target_name": "nobody", "data": {}})
        self.assertEqual(said, [("comm_close", {"comm_id": "a", "data": {}})])
        self.assertEqual(self.open_comms(), {"status": "ok", "comms": {}})

    def test_opens_answers_and_closes_a_comm(self):
        self.run_cell(
            "const comms = (globalThis as any)[Symbol.for('gradbook.kernel')].comms;\n"
            "comms.register('echo', (comm: any, data: any) => { comm.send({ hello: data.name }); comm.onMessage = (data: any) => comm.send({ echo: data }); });"
        )
        _, said = self.ask("comm_open", {"comm_id": "b", "target_name": "echo", "data": {"name": "Ada"}})
        self.assertEqual(said, [("comm_msg", {"comm_id": "b", "data": {"hello": "Ada"}})])
        self.assertEqual(self.open_comms(target_name="echo")["comms"], {"b": {"target_name": "echo"}})
        self.assertEqual(self.open_comms(target_name="other")["comms"], {})
        _, said = self.ask("comm_msg", {"comm_id": "b", "data": {"n": 1}})
        self.assertEqual(said, [("comm_msg", {"comm_id": "b", "data": {"echo": {"n": 1}}})])
        self.ask("comm_close", {"comm_id": "b", "data": {}})
        self.assertEqual(self.open_comms()["comms"], {})
        self.assertEqual(self.ask("comm_msg", {"comm_id": "b", "data": {}})[1], [])

    def test_lets_a_cell_open_a_comm(self):
        _, shown = self.run_cell("const mine = (globalThis as any)[Symbol.for('gradbook.kernel')].comms.connect('widget', { n: 2 }); mine.close();")
        self.assertEqual([kind for kind, _ in shown], ["comm_open", "comm_close"])
        self.assertEqual((shown[0][1]["target_name"], shown[0][1]["data"]), ("widget", {"n": 2}))
