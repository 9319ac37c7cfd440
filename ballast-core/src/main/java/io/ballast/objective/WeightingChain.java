package io.ballast.objective;

import java.util.List;
import java.util.Map;

/**
 * Weightings applied together: their factors multiply, so a token that any of them drops is dropped.
 *
 * <pre>   w_t = Π_c w_t^c      1 for an empty chain</pre>
 */
public record WeightingChain(List<Weighting> links) implements Weighting {
  public WeightingChain {
    links = List.copyOf(links);
  }

  @Override public WeightingChain prepared(TokenBatch whole, RatioLevel level) {
    return new WeightingChain(links.stream().map(link -> link.prepared(whole, level)).toList());
  }

  @Override public boolean isSolved() {
    return links.stream().allMatch(Weighting::isSolved);
  }

  @Override public void apply(TokenBatch batch, double[] factor, Map<String, Metric> metrics) {
    for (Weighting link : links) link.apply(batch, factor, metrics);
  }
}
