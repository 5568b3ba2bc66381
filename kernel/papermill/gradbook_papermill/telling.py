"""How a notebook goes, as events on standard output, one JSON object a line."""

import json

#: What a cell shows under this type goes into the summary of a batch (`record` in TypeScript).
RECORD = "application/vnd.gradbook.record+json"


def say(**event):
    print(json.dumps(event), flush=True)


class Telling:
    """A mixin for notebook clients: {"line": text} for what a cell shows, {"record": {...}} for numbers it records.

    A cell that draws a picture in place and a line of progress has one source of lines: the text of a picture is told only until the
    cell shows a text by itself.
    """

    _cell_with_text = None

    def process_message(self, msg, cell, cell_index):
        content = msg["content"]
        if msg["msg_type"] in ("display_data", "update_display_data"):
            data = content.get("data", {})
            if RECORD in data:
                say(record=data[RECORD])
            elif set(data) == {"text/plain"}:
                self._cell_with_text = cell_index
                tell_last_line(data["text/plain"])
            elif self._cell_with_text != cell_index:
                tell_last_line(data.get("text/plain", ""))
        elif msg["msg_type"] == "stream":
            tell_last_line(content["text"])
        return super().process_message(msg, cell, cell_index)


def tell_last_line(text):
    lines = "".join(text).strip().split("\n")
    if lines[-1]:
        say(line=lines[-1])
