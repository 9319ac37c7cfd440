package io.ballast.cli;

import io.ballast.model.ModelConfig;
import io.ballast.sample.Numerics;
import io.ballast.sample.Sampling;
import java.nio.file.Path;
import java.util.HashSet;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How answers are drawn: what the command line says, else what the checkpoint's {@code generation_config.json} says, else plain. */
final class SamplingOptions {
  private static final int LONGEST = 256;

  @Option(names = "--max-new", paramLabel = "N", description = "Longest answer in tokens (default: the checkpoint's, or 256; never beyond the model's context).")
  private @Nullable Integer maxNew;

  @Option(names = "--greedy", description = "Always the most probable token.")
  private boolean greedy;

  @Option(names = "--temperature", paramLabel = "T", description = "Sample from softmax(logits / T).")
  private @Nullable Double temperature;

  @Option(names = "--top-k", paramLabel = "K", description = "Only the K most probable tokens.")
  private @Nullable Integer topK;

  @Option(names = "--top-p", paramLabel = "P", description = "Only the fewest tokens whose probability reaches P.")
  private @Nullable Double topP;

  @Option(names = "--min-p", paramLabel = "P", description = "Only tokens with at least P times the largest probability.")
  private @Nullable Double minP;

  @Option(names = "--seed", paramLabel = "N", description = "Of the random numbers (default: 0).")
  private long seed;

  @Option(names = "--exact", description = "Samples whose bits do not depend on what else is in the batch; slower.")
  private boolean exact;

  private @Nullable GenerationConfig read;

  /**
   * Says on stderr what the checkpoint's file asks for and nobody here does.
   *
   * @param sampled whether several answers are wanted, which greedy ones would make equal
   */
  Sampling sampling(Path model, ModelConfig config, boolean sampled) {
    GenerationConfig file = file(model);
    file.notApplied().ifPresent(Streams.err()::println);
    var stops = new HashSet<>(config.eos());
    stops.addAll(file.stops());
    Numerics numerics = exact ? Numerics.EXACT : Numerics.FAST;
    boolean asked = temperature != null || topK != null || topP != null || minP != null || sampled;
    if (greedy && asked) throw new RequestException("--greedy takes the most probable token; leave out --temperature, --top-k, --top-p, --min-p and several --samples");
    if (greedy || !asked && !file.sampled()) return Sampling.greedy(stops, numerics);
    try {
      return new Sampling(given(temperature, file.real("temperature", 1)), topK != null ? topK : file.whole("top_k", 0), given(topP, file.real("top_p", 1)),
          given(minP, file.real("min_p", 0)), false, seed, stops, numerics);
    } catch (IllegalArgumentException e) {
      throw new RequestException(e.getMessage());
    }
  }

  /** The longest answer to a prompt of this length. */
  int maxNew(Path model, ModelConfig config, int prompt) {
    if (maxNew != null) {
      if (maxNew < 1) throw new RequestException("--max-new must be at least 1, got " + maxNew);
      return maxNew;
    }
    return Math.max(1, Math.min(file(model).whole("max_new_tokens", LONGEST), config.maxPositions() - prompt));
  }

  private static double given(@Nullable Double option, double otherwise) {
    return option != null ? option : otherwise;
  }

  private GenerationConfig file(Path model) {
    if (read == null) read = GenerationConfig.of(model);
    return read;
  }
}
