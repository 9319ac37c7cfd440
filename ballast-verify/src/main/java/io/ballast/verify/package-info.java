/** Answers and what they are worth. Read {@link io.ballast.verify.Verifier} and {@link io.ballast.verify.Verdict} first. */
@NullMarked
package io.ballast.verify;

import org.jspecify.annotations.NullMarked;
