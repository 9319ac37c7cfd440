package io.ballast.checkers;

import static org.assertj.core.api.Assertions.assertThat;

import io.ballast.verify.Verdict;
import io.ballast.verify.Verifiers;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Completions that once fooled a verifier, or fool others: none of them is right. A file each in {@code fooled/}: lines
 * {@code verifier:}, {@code gold:}, {@code why:}, then {@code ---} and the completion. A new one needs no code.
 */
class FooledTest {

  static Stream<Path> files() throws IOException, URISyntaxException {
    var folder = Path.of(FooledTest.class.getResource("/fooled").toURI());
    List<Path> files;
    try (var found = Files.list(folder)) {
      files = found.sorted().toList();
    }
    assertThat(files).isNotEmpty();
    return files.stream();
  }

  @ParameterizedTest(name = "{0}") @MethodSource("files")
  void what_fooled_a_verifier_once_is_not_right(Path file) throws IOException {
    var parts = Files.readString(file).split("(?m)^---\\n", 2);
    Map<String, String> head = new HashMap<>();
    for (var line : parts[0].split("\n")) head.put(line.substring(0, line.indexOf(':')), line.substring(line.indexOf(':') + 1).strip());
    assertThat(head).containsKeys("verifier", "gold", "why");
    try {
      var verifier = Verifiers.named(head.get("verifier"), Map.of());
      assertThat(verifier.verify(head.get("gold"), parts[1])).as(head.get("why")).isNotInstanceOf(Verdict.Right.class);
    } catch (IllegalArgumentException e) {
      Assumptions.abort(e.getMessage()); // no confinement on this machine
    }
  }
}
