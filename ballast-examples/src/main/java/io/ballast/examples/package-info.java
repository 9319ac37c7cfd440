/** Complete programs that use Ballast as a library. Read {@link io.ballast.examples.OwnRules}. */
@NullMarked
package io.ballast.examples;

import org.jspecify.annotations.NullMarked;
