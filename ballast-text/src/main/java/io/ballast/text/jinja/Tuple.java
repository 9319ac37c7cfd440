package io.ballast.text.jinja;

import java.util.AbstractList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** A list that prints with parentheses. */
final class Tuple extends AbstractList<@Nullable Object> {
  private final List<? extends @Nullable Object> items;

  Tuple(List<? extends @Nullable Object> items) {
    this.items = items;
  }

  @Override public @Nullable Object get(int index) {
    return items.get(index);
  }

  @Override public int size() {
    return items.size();
  }
}
