/**
 * Native memory, devices and element types: the few rules by which the rest of this module may touch libtorch.
 *
 * <p>Read {@link io.ballast.tensor.Scope} first, then {@link io.ballast.tensor.Native}. Types of {@code org.bytedeco}
 * never leave this Maven module: its public door is {@link io.ballast.model.Policy}, which speaks Java arrays.
 */
@NullMarked
package io.ballast.tensor;

import org.jspecify.annotations.NullMarked;
