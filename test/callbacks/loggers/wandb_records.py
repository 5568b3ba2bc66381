"""Prints the records of a `.wandb` file as JSON, read by wandb's own datastore and protobuf classes."""

import importlib.util
import json
import os
import sys
import types

# Importing wandb itself needs a dozen packages that its reader does without.
folder = importlib.util.find_spec("wandb").submodule_search_locations[0]
package = types.ModuleType("wandb")
package.__path__ = [folder]
package._assert_is_internal_process = True
sys.modules["wandb"] = package

from google.protobuf.json_format import MessageToDict  # noqa: E402
from wandb.proto.wandb_internal_pb2 import Record  # noqa: E402

path = os.path.join(folder, "sdk", "internal", "datastore.py")
spec = importlib.util.spec_from_file_location("datastore", path)
datastore = importlib.util.module_from_spec(spec)
spec.loader.exec_module(datastore)

store = datastore.DataStore()
store.open_for_scan(sys.argv[1])
records = []
while (data := store.scan_data()) is not None:
    record = Record()
    record.ParseFromString(data)
    records.append(MessageToDict(record, preserving_proto_field_name=True))
print(json.dumps(records))
