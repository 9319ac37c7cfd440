package io.ballast.method;

/** Puts a method together from its settings; throws IllegalArgumentException naming the setting that makes no sense. */
@FunctionalInterface
public interface Recipe {
  Assembly assemble(Settings settings);
}
