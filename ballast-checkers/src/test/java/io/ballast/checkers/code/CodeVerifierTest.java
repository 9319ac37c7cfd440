package io.ballast.checkers.code;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.ballast.verify.Verdict;
import io.ballast.verify.Verifiers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class CodeVerifierTest {
  private static final String TESTS = "assert add(1, 2) == 3\nassert add(-1, 1) == 0\n";

  @BeforeEach void confined() {
    assumeTrue(Confinement.Machine.CAN_CONFINE, "no unshare with namespaces on this machine");
  }

  private static Verdict python(String answer) {
    return Verifiers.named("code", Map.of("wall", 5, "cpu", 2, "memory", 256, "output", 64)).verify(TESTS, answer);
  }

  @Test void a_program_that_passes_the_tests_is_right() {
    assertThat(python("Here:\n```python\ndef add(a, b):\n    return a + b\n```\nDone.").label()).isEqualTo("right");
    assertThat(python("def add(a, b): return a + b").label()).isEqualTo("right");
  }

  @Test void a_program_that_fails_them_is_wrong_and_says_why() {
    assertThat(python("```python\ndef add(a, b):\n    return a - b\n```").reason()).contains("AssertionError");
    assertThat(python("def add(a, b: return").reason()).contains("SyntaxError");
    assertThat(python("```python\n```").label()).isEqualTo("unanswered");
    assertThat(python("").label()).isEqualTo("unanswered");
  }

  @Test void leaving_early_is_not_passing() {
    assertThat(python("import sys; sys.exit(0)").label()).isEqualTo("wrong");
    assertThat(python("import os; os._exit(0)").label()).isEqualTo("wrong");
    assertThat(python("print('all tests passed'); raise SystemExit").label()).isEqualTo("wrong");
  }

  @Test void there_is_no_network() {
    assertThat(python("import socket; socket.create_connection(('127.0.0.1', 22), 1)\ndef add(a, b): return a + b").label()).isEqualTo("wrong");
    assertThat(python("import os\nassert os.listdir('/sys/class/net') is not None\ndef add(a, b): return a + b").label()).isIn("right", "wrong");
  }

  @Test void files_outside_its_directory_cannot_be_written() throws Exception {
    var target = Files.createTempFile("ballast", "target");
    assertThat(python("open('%s', 'w').write('x')\ndef add(a, b): return a + b".formatted(target)).label()).isEqualTo("wrong");
    assertThat(target).isEmptyFile();
    assertThat(python("open('mine', 'w').write('x')\ndef add(a, b): return a + b").label()).isEqualTo("right");
    Files.delete(target);
  }

  @Test void time_memory_and_output_are_limited() {
    assertThat(python("while True: pass").label()).isEqualTo("timed-out");
    assertThat(python("import time; time.sleep(60)").label()).isEqualTo("timed-out");
    assertThat(python("x = 'x' * 10**9\ndef add(a, b): return a + b").reason()).contains("MemoryError");
    assertThat(python("while True: print('x' * 1000)").label()).isIn("wrong", "timed-out");
  }

  @Test void what_a_program_starts_dies_with_it() throws Exception {
    var mark = "ballast" + System.nanoTime();
    python("import subprocess, time\nsubprocess.Popen(['sleep', '61', ]) if False else None\nimport os\nif os.fork() == 0:\n    os.execvp('python3', ['python3', '-c', 'import time; time.sleep(61)', '" + mark + "'])\ntime.sleep(61)");
    Thread.sleep(300);
    assertThat(ProcessHandle.allProcesses().map(process -> process.info().commandLine().orElse("")).filter(line -> line.contains(mark) && line.contains("sleep(61)'"))).isEmpty();
  }

  @Test void tests_are_linted_by_running_them_on_nothing() {
    var code = Verifiers.named("code", Map.of());
    assertThat(code.lint(TESTS).label()).isEqualTo("right");
    assertThat(code.lint("assert True").label()).isEqualTo("wrong");
    assertThat(code.lint("assert (").label()).isEqualTo("unreadable-gold");
    assertThat(code.verify("", "x = 1").label()).isEqualTo("unreadable-gold");
  }

  @Test void java_programs_run_too() {
    var java = Verifiers.named("code", Map.of("language", "java", "wall", 25, "cpu", 20, "time-limit", 60));
    var tests = "import java.util.List;\npublic class Tests { public static void main(String[] a) { if (Answer.sum(List.of(1, 2)) != 3) throw new AssertionError(\"sum\"); } }";
    assertThat(java.verify(tests, "```java\nimport java.util.*;\npublic class Answer { static int sum(List<Integer> x) { int s = 0; for (int i : x) s += i; return s; } }\n```"))
        .isInstanceOf(Verdict.Right.class);
    assertThat(java.verify(tests, "class Answer { static int sum(Object x) { System.exit(0); return 0; } }").label()).isEqualTo("wrong");
  }
}
