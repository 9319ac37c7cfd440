/**
 * Runs programs that answers hold against tests, in a confined process. Read {@link io.ballast.checkers.code.CodeVerifier}
 * first; {@code Confinement} says what a program cannot do.
 */
@NullMarked
package io.ballast.checkers.code;

import org.jspecify.annotations.NullMarked;
