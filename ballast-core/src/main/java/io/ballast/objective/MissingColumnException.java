package io.ballast.objective;

/** A method needs a column that the batch does not carry. */
public final class MissingColumnException extends IllegalArgumentException {
  private static final long serialVersionUID = 1;
  private final String column;

  public MissingColumnException(String column) {
    super("column %s is missing; this method needs it for every token".formatted(column));
    this.column = column;
  }

  public String column() {
    return column;
  }
}
