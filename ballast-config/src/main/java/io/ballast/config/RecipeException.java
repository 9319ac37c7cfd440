package io.ballast.config;

/** The recipe asks for something that cannot be: the message names the place, the key, the value, the rule and the remedy. */
public final class RecipeException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;

  public RecipeException(String message) {
    super(message);
  }
}
