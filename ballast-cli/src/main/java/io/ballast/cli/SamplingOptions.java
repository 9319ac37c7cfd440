package io.ballast.cli;

import io.ballast.model.ModelConfig;
import io.ballast.sample.Numerics;
import io.ballast.sample.Sampling;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.Set;
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

  /**
   * How answers are drawn and how long they may be.
   *
   * @param asked longest answer of the command line, if it says one
   * @param usual the checkpoint's
   */
  record Plan(Sampling how, @Nullable Integer asked, int usual, int maxPositions) {
    /** The longest answer to a prompt of this length. */
    int maxNew(int prompt) {
      if (asked == null) return Math.max(1, Math.min(usual, maxPositions - prompt));
      if (asked < 1) throw new RequestException("--max-new must be at least 1, got " + asked);
      return asked;
    }
  }

  /**
   * Says on stderr what the checkpoint's file asks for and nobody here does.
   *
   * @param model folder of the file
   * @param sampled whether several answers are wanted, which greedy ones would make equal
   */
  Plan plan(Path model, ModelConfig config, boolean sampled) {
    GenerationConfig file = GenerationConfig.of(model);
    file.notApplied().ifPresent(Streams.err()::println);
    var stops = new HashSet<>(config.eos());
    stops.addAll(file.stops());
    return new Plan(sampling(file, stops, sampled), maxNew, file.whole("max_new_tokens", LONGEST), config.maxPositions());
  }

  private Sampling sampling(GenerationConfig file, Set<Integer> stops, boolean sampled) {
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

  private static double given(@Nullable Double option, double otherwise) {
    return option != null ? option : otherwise;
  }
}
