"""jupyter_kernel_test on our kernel; then what it does not ask for: floods, input, interrupts."""

import unittest

import jupyter_kernel_test
from jupyter_client.manager import start_new_kernel


class KernelTests(jupyter_kernel_test.KernelTests):
    kernel_name = "notelake"
    language_name = "typescript"
    file_extension = ".ts"
    code_hello_world = "console.log('hello, world')"
    code_stderr = "console.error('to stderr')"
    completion_samples = [
        {"text": "parseIn", "matches": {"parseInt"}},
        {"text": "'a'.toUpp", "matches": {"toUpperCase"}},
    ]
    complete_code_samples = ["1", "const a = 1;", "function f() { return 1; }"]
    incomplete_code_samples = ["function f() {", "if (true) {", "[1, 2,"]
    invalid_code_samples = ["const = 1", "let 1a"]
    code_page_something = "?parseInt"
    code_generate_error = "throw new Error('on purpose')"
    code_execute_result = [
        {"code": "1 + 2 + 3", "result": "6"},
        {"code": "[1, 2].map((n) => n * 2)", "result": "[ 2, 4 ]"},
        {"code": "'a'.repeat(3)", "result": "aaa"},
    ]
    code_display_data = [
        {
            "code": "import { display } from 'tslab'; display.html('<b>1</b>')",
            "mime": "text/html",
        }
    ]
    code_history_pattern = "1 ? 2*"
    supported_history_operations = ("tail", "range", "search")
    code_inspect_sample = "parseInt"
    code_clear_output = (
        "(globalThis as any)[Symbol.for('notelake.clearOutput')](); undefined"
    )


class ClientTests(unittest.TestCase):
    """What a stock client receives."""

    @classmethod
    def setUpClass(cls):
        cls.manager, cls.client = start_new_kernel(kernel_name="notelake")

    @classmethod
    def tearDownClass(cls):
        cls.client.stop_channels()
        cls.manager.shutdown_kernel()

    def run_cell(self, code, **options):
        messages = []
        reply = self.client.execute_interactive(
            code, output_hook=messages.append, timeout=60, **options
        )
        return reply["content"], messages

    def printed(self, messages):
        return "".join(m["content"]["text"] for m in messages if m["msg_type"] == "stream")

    def test_alternating_writes(self):
        _, messages = self.run_cell(
            "for (let n = 0; n < 2000; n++) { console.log(n); console.error(n); }"
        )
        self.assertEqual(self.printed(messages), "".join(f"{n}\n{n}\n" for n in range(2000)))

    def test_lines(self):
        _, messages = self.run_cell("for (let n = 0; n < 500_000; n++) console.log(n);")
        self.assertEqual(self.printed(messages), "".join(f"{n}\n" for n in range(500_000)))

    def test_one_write(self):
        _, messages = self.run_cell('process.stdout.write("x".repeat(50_000_000));')
        self.assertEqual(len(self.printed(messages)), 50_000_000)

    def test_many_cells(self):
        ids = [self.client.execute(f"console.log({n})") for n in range(1000)]
        printed, idle = {}, 0
        while idle < len(ids):
            message = self.client.get_iopub_msg(timeout=60)
            parent = message["parent_header"].get("msg_id")
            if message["msg_type"] == "stream":
                printed[parent] = printed.get(parent, "") + message["content"]["text"]
            elif message["content"].get("execution_state") == "idle" and parent in ids:
                idle += 1
        self.assertEqual([printed[i] for i in ids], [f"{n}\n" for n in range(1000)])
        for _ in ids:
            self.client.get_shell_msg(timeout=60)

    def test_input(self):
        asked = []

        def answer(message):
            asked.append((message["content"]["prompt"], message["content"]["password"]))
            self.client.input("Ada")

        code = (
            "const ask = (globalThis as any)[Symbol.for('notelake.input')];\n"
            "[await ask('Name: ', false), await ask('Key: ', true)]"
        )
        reply, messages = self.run_cell(code, allow_stdin=True, stdin_hook=answer)
        self.assertEqual(reply["status"], "ok", reply)
        self.assertEqual(asked, [("Name: ", False), ("Key: ", True)])
        shown = [m for m in messages if m["msg_type"] == "execute_result"]
        self.assertEqual(shown[0]["content"]["data"]["text/plain"], "[ 'Ada', 'Ada' ]")

    def test_interrupt(self):
        """The manager interrupts as kernel.json says."""
        self.client.execute("console.log('begun'); while (true) {}")
        while self.client.get_iopub_msg(timeout=30)["msg_type"] != "stream":
            pass
        self.manager.interrupt_kernel()
        reply = self.client.get_shell_msg(timeout=30)["content"]
        self.assertEqual(reply["ename"], "CellInterrupted")


if __name__ == "__main__":
    unittest.main()
