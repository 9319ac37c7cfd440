/** Asks another model whether an answer is right. Read {@link io.ballast.checkers.judge.JudgeVerifier} first. */
@NullMarked
package io.ballast.checkers.judge;

import org.jspecify.annotations.NullMarked;
