package io.ballast.model;

import io.ballast.tensor.Native;
import io.ballast.tensor.Scope;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Tensor;

/**
 * A policy's layers and head for tokens whose past is in a cache, on the policy's device: the operations are those that train, and so run
 * wherever training does. For the rooms of this module.
 */
public final class CachedForward implements AutoCloseable {
  /** Takes the logits of wanted rows {@code first} … {@code first + count − 1}, row by row. */
  public interface Sink {
    void accept(int first, int count, float[] logits);
  }

  private final Policy policy;
  private final Workspace workspace;
  private final Trunk trunk;
  private final Head head;
  private final CachedAttention attention;
  private final float[] logits;
  private final int rowsAtOnce;

  /** @param rowsAtOnce rows of logits carried to the host at once */
  public CachedForward(Policy policy, int rowsAtOnce) {
    ModelConfig config = policy.config();
    this.policy = policy;
    this.rowsAtOnce = rowsAtOnce;
    workspace = new Workspace(policy.device());
    trunk = new Trunk(config, workspace, policy.dtype().master(), policy.dtype().compute(), policy.device());
    head = new Head(workspace, policy.dtype().master(), config.gemma() == null ? 0 : config.gemma().finalSoftcap());
    attention = new CachedAttention(config, workspace, trunk.attention(), trunk.rope(), policy.dtype().compute(), policy.device());
    logits = new float[Math.multiplyExact(rowsAtOnce, config.vocabSize())];
  }

  /**
   * Runs all rows with the policy's weights as they are now.
   *
   * @param places of the cache so far, those the rows name included
   */
  public void run(CachedRows rows, long places, Sink sink) {
    Weights master = policy.master(), compute = policy.weights();
    attention.reserve(places);
    try (var scope = Scope.open("cached pass")) {
      Tensor x = trunk.forward(master, compute, rows.batch(), attention.new Pass(rows));
      int count = rows.wanted().length;
      if (count == 0) return;
      Tensor hidden = trunk.predicted(master, x, Native.longs(policy.device(), rows.wanted())).hidden();
      for (int first = 0; first < count; first += rowsAtOnce) {
        try (var chunk = Scope.open("logits")) {
          int n = Math.min(rowsAtOnce, count - first);
          Native.toFloats(head.logits(hidden.narrow(0, first, n), compute.head()), logits);
          sink.accept(first, n, logits);
        }
      }
    }
  }

  /** [T · k] experts the last pass's rows were sent to in one layer; mixtures only. */
  public short[] choices(int layer) {
    return trunk.choices(layer);
  }

  /** Bytes held on the device and, for logits, on the host. */
  public long bytes() {
    return workspace.bytes() + attention.bytes() + 4L * logits.length;
  }

  @Override public void close() {
    attention.close();
    trunk.close();
    workspace.close();
  }
}
