"""Runs jupyter_kernel_test with the installed kernel: python conformance.py -v"""

import unittest

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel


class GradbookKernel(jupyter_kernel_test.KernelTests):
    kernel_name = "gradbook"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('oops')"
    code_generate_error = "throw new Error('oops')"
    code_execute_result = [
        {"code": "6 * 7", "result": "42"},
        {"code": "'a' + 'b'", "result": "'ab'"},
        {"code": "await Promise.resolve([1, 2])", "result": "[ 1, 2 ]"},
    ]
    code_display_data = [
        {"code": "import * as tslab from 'tslab'; tslab.display.html('<b>b</b>')", "mime": "text/html"},
        {"code": "import { display } from 'gradbook'; display({ 'text/plain': 'p', 'image/svg+xml': '<svg/>' })", "mime": "image/svg+xml"},
    ]
    code_clear_output = "import { clearOutput } from 'gradbook'; clearOutput()"
    completion_samples = [{"text": "'text'.toUpperC", "matches": {"toUpperCase"}}, {"text": "Math.hypo", "matches": {"hypot"}}]
    complete_code_samples = ["1", "let a = 1;", "function f() { return 1 }", "for (const x of [1]) { x }"]
    incomplete_code_samples = ["function f() {", "[1, 2,", "`text", "if (true) {"]
    invalid_code_samples = ["let = ;", "function function", "1 +* 2"]
    code_inspect_sample = "Math.sqrt"
    code_history_pattern = "6 *"
    supported_history_operations = ("tail", "range", "search")

    @classmethod
    def setUpClass(cls):
        # The first cell waits for the type checker, which takes longer on a loaded machine than the time limit of the suite.
        cls.km, cls.kc = start_new_kernel(kernel_name=cls.kernel_name)
        cls.kc.execute_interactive("1", timeout=120)


if __name__ == "__main__":
    unittest.main()
