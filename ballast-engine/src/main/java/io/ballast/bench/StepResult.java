package io.ballast.bench;

import org.jspecify.annotations.Nullable;

/**
 * Medians over the measured steps. What a benchmark does not run is null.
 *
 * @param params weights of the model, a tied head counted once
 * @param tokens sampled (or trained) per step
 * @param stepSeconds the whole step; sampleSeconds, trainSeconds its parts
 * @param stepTokensPerSecond sampled tokens over the whole step's time
 * @param peakResidentMb most memory resident in this process, 10⁶ bytes
 * @param matmulPeakGflops, memoryBandwidthGbs of this machine in this run, see {@link Machine}
 * @param trainFlopsUtilisation operations the training needs (6 per weight and position, the head at trained tokens only) over what the
 *     peak could do in the time taken
 * @param sampleRoofline time the sampling needs at least, see {@link Roofline}, over the time taken
 */
public record StepResult(long params, long tokens, double stepSeconds, @Nullable Double sampleSeconds, @Nullable Double trainSeconds,
    @Nullable Double sampleTokensPerSecond, double stepTokensPerSecond, double peakResidentMb, double matmulPeakGflops,
    double memoryBandwidthGbs, @Nullable Double trainFlopsUtilisation, @Nullable Double sampleRoofline) {}
