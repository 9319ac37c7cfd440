package io.ballast.text.jinja;

import org.jspecify.annotations.Nullable;

/** What can be called: a function, a macro, a method of a value. */
@FunctionalInterface
interface Invocable {
  @Nullable Object call(Arguments arguments);
}
