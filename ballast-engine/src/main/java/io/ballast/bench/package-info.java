/**
 * Measured speed and memory of sampling and training, against what the machine can do. Read {@link io.ballast.bench.StepBenchmark}
 * first, then {@link io.ballast.bench.Machine}.
 */
@NullMarked
package io.ballast.bench;

import org.jspecify.annotations.NullMarked;
