package io.ballast.data;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.DriverManager;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RowsTest {
  @TempDir Path dir;

  private Path file(String name, String text) throws IOException {
    return Files.writeString(dir.resolve(name), text);
  }

  private static List<Row> rows(Path path) {
    var out = new ArrayList<Row>();
    Rows.read(path, null, out::add);
    return out;
  }

  @Test void json_lines_json_and_csv_hold_the_same_rows() throws IOException {
    var lines = rows(file("a.jsonl", "\ufeff{\"q\": \"1, \\\"2\\\"\\n3\", \"n\": \"é\"}\n\n{\"q\": \"x\", \"n\": \"y\"}"));
    assertThat(lines).extracting(Row::values).containsExactly(Map.of("q", "1, \"2\"\n3", "n", "é"), Map.of("q", "x", "n", "y"));
    assertThat(lines).extracting(Row::place).allMatch(place -> place.contains("a.jsonl, line ")).last().asString().endsWith("line 3");
    assertThat(rows(file("b.json", "[{\"q\": \"1, \\\"2\\\"\\n3\", \"n\": \"é\"}, {\"q\": \"x\", \"n\": \"y\"}]"))).extracting(Row::values)
        .isEqualTo(lines.stream().map(Row::values).toList());
    assertThat(rows(file("c.csv", "q,n\r\n\"1, \"\"2\"\"\n3\",é\r\nx,y"))).extracting(Row::values).isEqualTo(lines.stream().map(Row::values).toList());
    assertThat(rows(dir)).as("a folder: all its files").hasSize(6);
  }

  @Test void one_object_in_a_file_is_one_row() throws IOException {
    assertThat(rows(file("1.json", "{\"problem\": \"p\"}"))).singleElement().extracting(row -> row.text("problem")).isEqualTo("p");
  }

  @Test void a_malformed_row_is_named_by_file_line_and_byte() throws IOException {
    assertThatThrownBy(() -> rows(file("a.jsonl", "{\"a\": \"é\"}\n{\"a\": oops}\n"))).hasMessageContaining("a.jsonl, line 2, byte ")
        .satisfies(e -> assertThat(Integer.parseInt(e.getMessage().replaceAll(".*line 2, byte (\\d+).*", "$1"))).isBetween(18, 24));
    assertThatThrownBy(() -> rows(file("b.jsonl", "{\"a\": 1}\n[1]\n"))).hasMessageContaining("b.jsonl, line 2");
    assertThatThrownBy(() -> rows(file("c.jsonl", "{\"a\": 1} {\"b\": 2}\n"))).hasMessageContaining("c.jsonl, line 1");
    assertThatThrownBy(() -> rows(file("d.jsonl", "{\"a\": 1, \"a\": 2}\n"))).hasMessageContaining("Duplicate");
    assertThatThrownBy(() -> rows(file("e.json", "[{\"a\": 1}, 2]"))).hasMessageContaining("e.json, row 2");
    assertThatThrownBy(() -> rows(file("f.json", "{\"a\": 1}\n{\"a\": 2}"))).hasMessageContaining("line 2").hasMessageContaining("jsonl");
    assertThatThrownBy(() -> rows(file("g.csv", "a,b\n1,2\n3\n"))).hasMessageContaining("g.csv, line 3: 1 values for 2 columns");
    assertThatThrownBy(() -> rows(file("h.csv", "a,b\n1,\"2\n3\n"))).hasMessageContaining("h.csv, line 2").hasMessageContaining("not closed");
    Files.write(dir.resolve("i.jsonl"), "{\"a\": 1}\n{\"a\": \"\u00ff\"}\n".getBytes(StandardCharsets.ISO_8859_1));
    assertThatThrownBy(() -> rows(dir.resolve("i.jsonl"))).hasMessageContaining("i.jsonl, line 2, near byte 16 of the file: not UTF-8");
    assertThatThrownBy(() -> rows(file("j.txt", "a"))).hasMessageContaining("format 'txt' is not known");
    assertThatThrownBy(() -> rows(dir.resolve("none"))).hasMessageContaining("no file or folder");
  }

  @Test void a_missing_column_is_named_with_those_there_are() throws IOException {
    var row = rows(file("a.jsonl", "{\"a\": 1, \"b\": {\"c\": [1, 2]}, \"d\": null, \"e\": 3.0}")).getFirst();
    assertThat(row.text("a")).isEqualTo("1");
    assertThat(row.text("b.c")).isEqualTo("[1,2]");
    assertThat(row.text("e")).isEqualTo("3");
    assertThatThrownBy(() -> row.text("z")).hasMessageContaining("a.jsonl, line 1: no column 'z'; there are: a, b, d, e");
    assertThatThrownBy(() -> row.text("d")).hasMessageContaining("column 'd' is empty");
  }

  @Test void parquet_and_sql_come_through_duckdb() throws Exception {
    Path parquet = dir.resolve("it's.parquet");
    try (var connection = DriverManager.getConnection("jdbc:duckdb:"); var statement = connection.createStatement()) {
      statement.execute("copy (select * from (values ('a', 1, [{'role': 'user', 'content': 'hi'}]), ('b', null, [])) t(q, n, m)) to '%s' (format parquet)"
          .formatted(parquet.toString().replace("'", "''")));
    }
    var rows = rows(parquet);
    assertThat(rows).hasSize(2);
    assertThat(rows.getFirst().values()).isEqualTo(Map.of("q", "a", "n", 1L, "m", List.of(Map.of("role", "user", "content", "hi"))));
    assertThat(rows.get(1).values().get("n")).isNull();
    assertThat(rows.get(1).place()).endsWith("it's.parquet, row 2");
    var selected = new ArrayList<Row>();
    Path csv = file("s.csv", "q,level\none,1\ntwo,2\n");
    Rows.sql("select q from '%s' where level > 1".formatted(csv), selected::add);
    assertThat(selected).singleElement().extracting(row -> row.text("q")).isEqualTo("two");
    assertThatThrownBy(() -> Rows.sql("select nope from '%s'".formatted(csv), selected::add)).isInstanceOf(IllegalArgumentException.class)
        .hasMessageContaining("the SQL selection").hasMessageContaining("nope");
    assertThatThrownBy(() -> rows(file("broken.parquet", "no parquet"))).hasMessageContaining("broken.parquet");
  }
}
