package io.ballast.model;

import java.util.List;
import java.util.Set;
import java.util.TreeSet;

/**
 * Low-rank adaptation: a frozen weight W [out, in] acts as W + (alpha/rank)·B A, with B [out, rank] and A [rank, in] trained.
 *
 * @param targets projections that are adapted, by the last part of their name: {@code q_proj}, {@code k_proj}, {@code v_proj},
 *     {@code o_proj}, {@code gate_proj}, {@code up_proj}, {@code down_proj}
 * @see <a href="https://arxiv.org/abs/2106.09685">Hu et al. 2021</a>
 */
public record Lora(int rank, double alpha, List<String> targets) {
  private static final Set<String> KNOWN = new TreeSet<>(
      List.of("q_proj", "k_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"));

  public Lora {
    if (rank < 1) throw new IllegalArgumentException("rank must be at least 1, got " + rank);
    if (!(alpha > 0)) throw new IllegalArgumentException("alpha must be above 0, got " + alpha);
    if (targets.isEmpty()) throw new IllegalArgumentException("targets must not be empty; known are " + KNOWN);
    for (String target : targets) {
      if (!KNOWN.contains(target)) throw new IllegalArgumentException("target '%s' is unknown; known are %s".formatted(target, KNOWN));
    }
    targets = List.copyOf(new TreeSet<>(targets));
  }

  /** Factor on B A. */
  public double scale() {
    return alpha / rank;
  }

  boolean adapts(String tensor) {
    return targets.stream().anyMatch(target -> tensor.endsWith("." + target + ".weight"));
  }
}
