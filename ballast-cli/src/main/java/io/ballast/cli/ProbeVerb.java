package io.ballast.cli;

import io.ballast.config.Overrides;
import io.ballast.ledger.Json;
import io.ballast.method.Probe;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

@Command(
    name = "probe",
    description = "Evaluate an objective or advantage estimator on numbers, without a model.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nInput: a JSON object, an array of them, one a line, or a folder of *.json files. Output: one JSON object a line,%n"
        + "with loss, dlogp (d loss / d logp of every token), advantages and metrics, in double precision.%n%nExamples:%n",
    footer = {
      "  ballast probe --input case.json",
      "  ballast probe --input cases/ --method grpo --set clip-high=0.28",
      "  ballast probe --input case.json --method gspo --set correction=tis --set correction.c=5",
      "  echo '{\"sequences\": [{\"logp\": [-0.7], \"oldLogp\": [-0.8], \"advantage\": 1}]}' | ballast probe --input - --method ppo"
    })
final class ProbeVerb implements Callable<Integer> {

  @Option(names = "--input", paramLabel = "FILE|DIR|-", description = "The cases; - reads stdin.")
  private @Nullable String input;

  @Option(names = "--method", paramLabel = "M",
      description = "Method to evaluate; goes before the one a case names, whose settings are then left out.")
  private @Nullable String method;

  @Option(names = "--set", paramLabel = "KEY=VALUE", description = "A setting of the method; goes before the same one in a case.")
  private List<String> overrides = List.of();

  private Map<String, Object> settings = Map.of();

  @Override public Integer call() throws IOException {
    var given = new LinkedHashMap<String, Object>();
    Overrides.read(overrides).forEach((key, value) -> given.put(key.replaceFirst("^(method|off-policy)\\.", ""), value));
    settings = given;
    if (input == null) throw new RequestException("probe needs --input FILE, DIR or - for stdin");
    Path folder = Path.of(input);
    if (input.equals("-") || !Files.isDirectory(folder)) {
      try (InputStream in = Streams.open(input)) {
        all(input.equals("-") ? "stdin" : folder.getFileName().toString(), in);
      }
      return Exit.DONE;
    }
    List<Path> files;
    try (Stream<Path> entries = Files.list(folder)) {
      files = entries.filter(path -> path.getFileName().toString().endsWith(".json")).sorted().toList();
    }
    if (files.isEmpty()) throw new RequestException("%s holds no *.json file".formatted(input));
    for (Path file : files) {
      try (InputStream in = Streams.open(file.toString())) {
        all(file.getFileName().toString(), in);
      }
    }
    return Exit.DONE;
  }

  private void all(String source, InputStream in) {
    int[] number = {0};
    try {
      Json.objects(in, given -> {
        number[0]++;
        one(source.equals("stdin") ? "case " + number[0] : source.replaceFirst("\\.json$", "") + (number[0] == 1 ? "" : " #" + number[0]), given, in);
      });
    } catch (IllegalArgumentException e) {
      throw new RequestException("%s: %s".formatted(source, e.getMessage()));
    } catch (IOException e) {
      throw new RequestException("%s cannot be read: %s".formatted(source, e.getMessage()));
    }
    if (number[0] == 0) throw new RequestException("%s holds no case".formatted(source));
  }

  private void one(String label, Map<String, @Nullable Object> given, InputStream in) {
    var asked = new LinkedHashMap<String, @Nullable Object>(given);
    if (method != null && !method.equals(given.get("method"))) {
      if (given.get("method") != null) asked.remove("settings");
      asked.put("method", method);
    }
    if (!settings.isEmpty()) {
      var merged = new LinkedHashMap<Object, @Nullable Object>();
      if (asked.get("settings") instanceof Map<?, ?> own) merged.putAll(own);
      merged.putAll(settings);
      asked.put("settings", merged);
    }
    try {
      Streams.line(Json.line(Probe.evaluate(label, asked)), in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
