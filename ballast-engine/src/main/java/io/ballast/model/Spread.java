package io.ballast.model;

import io.ballast.tensor.Device;
import io.ballast.tensor.Native;
import io.ballast.tensor.Workspace;
import org.bytedeco.pytorch.Tensor;
import org.bytedeco.pytorch.global.torch;
import org.jspecify.annotations.Nullable;

/**
 * From the positions of a {@link MicroBatch} to the places of its padded rows and back. Where both are the same nothing is copied. Lives as
 * long as the scope it was made in.
 */
final class Spread {
  private final Workspace ws;
  private final MicroBatch batch;
  private final MicroBatch.@Nullable Places places;
  private final @Nullable Tensor position;
  private final @Nullable Tensor own;
  private final @Nullable Tensor place;

  Spread(Workspace ws, Device device, MicroBatch batch) {
    this.ws = ws;
    this.batch = batch;
    places = batch.places();
    position = places == null ? null : Native.longs(device, places.position());
    own = places == null ? null : Native.longs(device, places.own());
    place = places == null ? null : Native.longs(device, places.place());
  }

  /** [rows · length, W] from [T, W]: every place has its position's numbers, also where several share it; padding has any. */
  Tensor out(String buffer, Tensor x) {
    return position == null ? x : selected(buffer, x, position);
  }

  /** [T, W] from [rows · length, W], which is the same wherever places share a position. */
  Tensor back(String buffer, Tensor x) {
    return place == null ? x : selected(buffer, x, place);
  }

  /** [rows · length, W] from [T + 1, W], whose last row is zero: a position's numbers at its first place alone, zero elsewhere. */
  Tensor once(String buffer, Tensor x) {
    return own == null ? x.narrow(0, 0, x.size(0) - 1) : selected(buffer, x, own);
  }

  /** [T, W] from [rows · length, W]: the sum over the places of a position. */
  Tensor sum(String buffer, Tensor x) {
    if (place == null) return x;
    Tensor sum = selected(buffer, x, place);
    Tensor byRow = x.view(batch.rows(), batch.length(), -1);
    for (MicroBatch.Prefix prefix : places.prefixes()) {
      sum.narrow(0, prefix.position(), prefix.length()).copy_(byRow.narrow(0, prefix.row(), prefix.rows()).narrow(1, 0, prefix.length()).sum(0));
    }
    sum.narrow(0, places.used(), sum.size(0) - places.used()).zero_();
    return sum;
  }

  private Tensor selected(String buffer, Tensor x, Tensor index) {
    return torch.index_select_out(ws.get(buffer, Native.type(x), index.size(0), x.size(1)), x, 0, index);
  }
}
