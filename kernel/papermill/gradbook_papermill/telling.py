"""How a notebook goes, as events on standard output, one JSON object a line."""

import json

#: What a cell shows under this type goes into the summary of a batch (`record` in TypeScript).
RECORD = "application/vnd.gradbook.record+json"


def say(**event):
    print(json.dumps(event), flush=True)


class Telling:
    """A mixin for notebook clients: {"line": text} for what a cell shows, {"record": {...}} for numbers it records."""

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] in ("display_data", "update_display_data"):
            data = content.get("data", {})
            if RECORD in data:
                say(record=data[RECORD])
            else:
                tell_last_line(data.get("text/plain", ""))
        elif msg["msg_type"] == "stream":
            tell_last_line(content["text"])
        return super().process_message(msg, cell, cell_index)


def tell_last_line(text):
    lines = "".join(text).strip().split("\n")
    if lines[-1]:
        say(line=lines[-1])
