package io.ballast.model;

import java.util.Arrays;

/**
 * Which experts the positions of a row were sent to: the choices of the routers of all layers, recorded where the row was sampled so that
 * training can send the same tokens to the same experts.
 *
 * @param layers layers of the model
 * @param active k, experts a token is sent to in each
 * @param experts [positions · layers · k] ids, most probable first as the router saw them
 * @see <a href="https://arxiv.org/abs/2510.11370">Rollout routing replay, R3</a>
 */
public record Routes(int layers, int active, short[] experts) {
  public Routes {
    if (layers < 1 || active < 1) throw new IllegalArgumentException("routes need layers and experts, got %d and %d".formatted(layers, active));
    if (experts.length % (layers * active) != 0) {
      throw new IllegalArgumentException("%d expert ids are no multiple of %d layers · %d experts".formatted(experts.length, layers, active));
    }
  }

  /** Positions whose choices are known, counted from the row's first token. */
  public int positions() {
    return experts.length / (layers * active);
  }

  /** Whether both say the same of the first {@code positions} positions. */
  boolean agrees(Routes other, int positions) {
    int all = positions * layers * active, own = Math.min(all, experts.length), others = Math.min(all, other.experts.length);
    return layers == other.layers && active == other.active && Arrays.equals(experts, 0, own, other.experts, 0, others);
  }

  /** Copies one position's experts of one layer to {@code to[at …]}. */
  void copy(int position, int layer, long[] to, int at) {
    int from = (position * layers + layer) * active;
    for (int j = 0; j < active; j++) to[at + j] = experts[from + j];
  }

  /** @throws IllegalArgumentException naming the position, if the ids cannot be choices of this model */
  void check(ModelConfig config, String row) {
    ModelConfig.Experts e = config.experts();
    if (e == null) throw new IllegalArgumentException(row + " has routes, the model has no experts");
    if (layers != config.layers() || active != e.active()) {
      throw new IllegalArgumentException("%s has routes of %d layers with %d experts a token; the model has %d and %d".formatted(
          row, layers, active, config.layers(), e.active()));
    }
    for (int at = 0; at < experts.length; at += active) {
      if (!config.routed(at / active % layers)) continue;
      for (int j = at; j < at + active; j++) {
        boolean twice = false;
        for (int i = at; i < j; i++) twice |= experts[i] == experts[j];
        if (experts[j] < 0 || experts[j] >= e.count() || twice) {
          throw new IllegalArgumentException("%s, position %d: %s are no choice of %d among %d experts".formatted(row, at / (layers * active),
              Arrays.toString(Arrays.copyOfRange(experts, at, at + active)), active, e.count()));
        }
      }
    }
  }

  @Override public boolean equals(Object other) {
    return other instanceof Routes r && r.layers == layers && r.active == active && Arrays.equals(r.experts, experts);
  }

  @Override public int hashCode() {
    return Arrays.hashCode(experts);
  }
}
