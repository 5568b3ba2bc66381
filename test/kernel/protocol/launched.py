"""Training on two devices from a cell, in separate processes."""

import json
import subprocess
import tempfile
import time
from pathlib import Path

from client import SLOW, Kernel


class Launched(Kernel):
    """A cell that waits for a training on two devices."""

    def answered(self, ask):
        """Returns the seconds until a request is answered."""
        begun = time.time()
        self.assertIsNotNone(ask())
        return time.time() - begun

    def wait_for_steps(self, events):
        end = time.time() + SLOW
        while not (events.exists() and '"event":"step"' in events.read_text()):
            self.assertLess(time.time(), end, "no step within a minute")
            time.sleep(0.1)

    def test_answers_requests_while_training_and_a_stop_leaves_no_process(self):
        with tempfile.TemporaryDirectory() as folder:
            running = self.begin(
                'import { loadExperiment, Trainer } from "gradbook";\n'
                'const files = { model: "configs/models/quickstart.yaml", sessions: "configs/sessions/demo.yaml" };\n'
                f"const at = {{ dir: {json.dumps(folder)}, name: 'two', devices: 2, accelerator: 'cpu' as const }};\n"
                "const trainer = new Trainer({ ...at, maxEpochs: 1000, stepsPerEpoch: 20, batchSize: 16 });\n"
                "const run = await trainer.fit(await loadExperiment(files));\n"
                "run.stopped"
            )
            self.wait_for_steps(Path(folder, "two", "events.jsonl"))
            for _ in range(5):
                info = lambda: self.kc.kernel_info(reply=True, timeout=SLOW)
                complete = lambda: self.kc.complete("trainer.f", reply=True, timeout=SLOW)
                # An epoch takes much longer. On an idle machine the answer takes a hundredth of a second.
                self.assertLess(self.answered(info), 2)
                self.assertLess(self.answered(complete), 2)
            self.km.interrupt_kernel()
            reply, shown = self.outcome(running)
            self.assertEqual(reply["status"], "ok", reply)
            results = [content["data"]["text/plain"] for kind, content in shown if kind == "execute_result"]
            self.assertEqual(results, ["'interrupted'"])
            self.assertTrue(Path(folder, "two", "checkpoints", "last.safetensors").exists())
            self.assertEqual(subprocess.run(["pgrep", "-f", folder], capture_output=True, text=True).stdout, "")
