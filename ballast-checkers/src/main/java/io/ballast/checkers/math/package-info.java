/**
 * Decides whether two mathematical answers are the same, however they are written.
 *
 * <p>Read {@link io.ballast.checkers.math.MathVerifier} first. The way of an answer: {@code AnswerFinder} finds it in the
 * text, {@code MathReader} reads LaTeX or plain writing into an {@code Expr}, {@code Sameness} compares structures, and
 * {@code Zero} decides whether the difference of two scalars is zero: by sampling, exactly in fractions, or by Symja.
 */
@NullMarked
package io.ballast.checkers.math;

import org.jspecify.annotations.NullMarked;
