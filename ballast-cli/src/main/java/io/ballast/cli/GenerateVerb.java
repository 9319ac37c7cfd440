package io.ballast.cli;

import io.ballast.ledger.Json;
import io.ballast.model.Policy;
import io.ballast.sample.Completion;
import io.ballast.sample.Finish;
import io.ballast.sample.Generator;
import io.ballast.sample.Request;
import io.ballast.text.Tokenizer;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

@Command(
    name = "generate",
    description = "Sample from a checkpoint.",
    mixinStandardHelpOptions = true,
    sortOptions = false,
    footerHeading = "%n--tokens reads {\"tokens\": [[…]]}, one object or one a line. --json prints {\"tokens\", \"text\", \"logp\", \"finish\"} for each; logp is%n"
        + "that of softmax(logits / temperature) before any cut, the stop token is part of tokens.%n%nExamples:%n",
    footer = {
      "  ballast generate --model runs/first/checkpoints/step-200/model --prompt \"123+456=\" --greedy",
      "  ballast generate --model DIR --tokens prompts.jsonl --temperature 0.7 --top-p 0.9 --json"
    })
final class GenerateVerb implements Callable<Integer> {

  @Mixin
  private ModelOptions options = new ModelOptions();

  @Option(names = "--prompt", paramLabel = "TEXT", description = "A prompt; may be repeated.")
  private List<String> prompts = List.of();

  @Option(names = "--tokens", paramLabel = "FILE|-", description = "Prompts as token ids; - reads stdin.")
  private @Nullable String tokens;

  @Mixin
  private SamplingOptions sampling = new SamplingOptions();

  @Option(names = "--json", description = "One JSON object for each object of prompts.")
  private boolean json;

  @Override public Integer call() throws IOException {
    if (prompts.isEmpty() == (tokens == null)) throw new RequestException("generate needs either --prompt TEXT or --tokens FILE (or - for stdin)");
    try (Policy policy = options.policy(); Tokenizer tokenizer = options.tokenizer(tokens == null); var generator = new Generator(policy)) {
      SamplingOptions.Plan plan = sampling.plan(options.folder("generation_config.json"), policy.config(), false);
      if (tokens != null) {
        TokenInput.each(tokens, (rows, in) -> answer(tokenizer, generator, plan, rows, in));
      } else {
        answer(tokenizer, generator, plan, encoded(Objects.requireNonNull(tokenizer)), InputStream.nullInputStream());
      }
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
    return Exit.DONE;
  }

  private int[][] encoded(Tokenizer tokenizer) {
    int[][] rows = new int[prompts.size()][];
    for (int i = 0; i < rows.length; i++) {
      rows[i] = tokenizer.encode(prompts.get(i));
      if (rows[i].length == 0) throw new RequestException("--prompt \"%s\" is empty; it needs at least one token".formatted(prompts.get(i)));
    }
    return rows;
  }

  private void answer(@Nullable Tokenizer tokenizer, Generator generator, SamplingOptions.Plan plan, int[][] rows, InputStream in) {
    List<Request> requests = new ArrayList<>();
    for (int r = 0; r < rows.length; r++) {
      requests.add(Request.of(r, rows[r], 1, plan.maxNew(rows[r].length)));
    }
    List<Completion> done = generator.generate(requests, plan.how(), null);
    var result = new LinkedHashMap<String, Object>();
    result.put("tokens", done.stream().map(Completion::tokens).toList());
    result.put("text", done.stream().map(one -> text(tokenizer, one)).toList());
    result.put("logp", done.stream().map(one -> IntStream.range(0, one.logp().length).mapToDouble(t -> one.logp()[t]).toArray()).toList());
    result.put("finish", done.stream().map(one -> one.finish() == Finish.STOP ? "stop" : "length").toList());
    try {
      if (json) Streams.line(Json.line(result), in);
      else for (Completion one : done) Streams.line(tokenizer == null ? Arrays.toString(one.tokens()) : text(tokenizer, one), in);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Empty where the checkpoint has no tokenizer. */
  private static String text(@Nullable Tokenizer tokenizer, Completion one) {
    return tokenizer == null ? "" : tokenizer.decode(one.tokens());
  }
}
