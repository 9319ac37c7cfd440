package io.ballast.checkers.code;

/**
 * What a program may use.
 *
 * @param cpuSeconds processor time of one run
 * @param wallSeconds time of one run on the clock
 * @param memoryMb address space (Python) or heap (Java) in MiB
 * @param outputKb output in KiB; also the size of a file it writes
 */
record Limits(int cpuSeconds, double wallSeconds, int memoryMb, int outputKb) {}
