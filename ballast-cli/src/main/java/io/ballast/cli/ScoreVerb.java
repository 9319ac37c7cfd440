package io.ballast.cli;

import io.ballast.ledger.Json;
import io.ballast.model.Policy;
import io.ballast.model.Scores;
import io.ballast.model.TokenRows;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "score",
    description = "Per-token log-probability and entropy, in nats, at temperature 1 over the full softmax.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%nInput: {\"tokens\": [[1, 5, 9], …]}, one object or one a line. Output: {\"logp\": [[…]], \"entropy\": [[…]]}, entry t being that%n"
        + "of token t + 1 given tokens 0 to t.%n%nExample:%n",
    footer = "  echo '{\"tokens\": [[3, 4, 5]]}' | ballast score --model runs/first/checkpoints/step-200/model --tokens -")
final class ScoreVerb implements Callable<Integer> {

  @Mixin
  private ModelOptions options = new ModelOptions();

  @Option(names = "--tokens", paramLabel = "FILE|-", description = "The rows of token ids; - reads stdin.")
  private @Nullable String tokens;

  @Override public Integer call() throws IOException {
    if (tokens == null) throw new RequestException("score needs --tokens FILE or - for stdin");
    try (Policy policy = options.policy()) {
      TokenInput.each(tokens, (rows, in) -> score(policy, rows, in));
    }
    return Exit.DONE;
  }

  private static void score(Policy policy, int[][] rows, InputStream in) {
    Scores scores = policy.score(TokenRows.all(rows), 1);
    List<double[]> logp = new ArrayList<>(), entropy = new ArrayList<>();
    int at = 0;
    for (int[] row : rows) {
      logp.add(Arrays.copyOfRange(scores.logp(), at, at + row.length - 1));
      entropy.add(Arrays.copyOfRange(scores.entropy(), at, at + row.length - 1));
      at += row.length - 1;
    }
    var result = new LinkedHashMap<String, Object>();
    result.put("logp", logp);
    result.put("entropy", entropy);
    try {
      Streams.line(Json.line(result), in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
