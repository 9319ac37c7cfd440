package io.ballast.text.jinja;

/** A name or an attribute that is not there: prints as nothing, is false and empty, and may not be looked into. */
record Undefined(String name) {
  JinjaException used() {
    return new JinjaException("'%s' is undefined".formatted(name));
  }

  /** Any two are equal, as in Jinja. */
  @Override public boolean equals(Object other) {
    return other instanceof Undefined;
  }

  @Override public int hashCode() {
    return 0;
  }
}
