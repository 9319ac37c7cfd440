package io.ballast.text.jinja;

import java.util.List;
import org.jspecify.annotations.Nullable;

/** The variable {@code loop} inside a {@code for}. */
final class Loop {
  private final List<@Nullable Object> items;
  int index;
  private @Nullable List<@Nullable Object> last;

  Loop(List<@Nullable Object> items) {
    this.items = items;
  }

  @Nullable Object attribute(String name) {
    int size = items.size();
    return switch (name) {
      case "index" -> index + 1L;
      case "index0" -> (long) index;
      case "revindex" -> (long) size - index;
      case "revindex0" -> (long) size - index - 1;
      case "first" -> index == 0;
      case "last" -> index == size - 1;
      case "length" -> (long) size;
      case "depth" -> 1L; // counts recursive loops alone
      case "depth0" -> 0L;
      case "previtem" -> index > 0 ? items.get(index - 1) : new Undefined("there is no previous item");
      case "nextitem" -> index + 1 < size ? items.get(index + 1) : new Undefined("there is no next item");
      case "cycle" -> (Invocable) arguments -> {
        if (arguments.positional().isEmpty()) throw new JinjaException("loop.cycle needs values");
        return arguments.positional().get(index % arguments.positional().size());
      };
      case "changed" -> (Invocable) arguments -> {
        boolean changed = last == null || !Values.equal(last, arguments.positional());
        last = arguments.positional();
        return changed;
      };
      default -> new Undefined("loop." + name);
    };
  }
}
