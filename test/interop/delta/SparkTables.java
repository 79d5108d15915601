import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.stream.Collectors;
import org.apache.spark.sql.Dataset;
import org.apache.spark.sql.Row;
import org.apache.spark.sql.SparkSession;
import org.apache.spark.sql.types.StructField;

/**
 * java SparkTables.java STATEMENTS TABLES ROWS: runs a file of SQL, in which $TABLES is a folder and
 * an empty line begins a new session, and writes for each Delta table in that folder what Spark
 * reads of each version: a line of columns, a line for every row, each cell as text.
 */
class SparkTables {
  public static void main(String[] args) throws Exception {
    Path tables = Path.of(args[1]);
    Path rows = Files.createDirectories(Path.of(args[2]));
    SparkSession spark =
        SparkSession.builder()
            .master("local[2]")
            .config("spark.ui.enabled", "false")
            .config("spark.driver.bindAddress", "127.0.0.1")
            .config("spark.driver.host", "127.0.0.1")
            .config("spark.sql.session.timeZone", "UTC")
            .config("spark.sql.shuffle.partitions", "2")
            .config("spark.sql.warehouse.dir", rows.resolve("warehouse").toString())
            .config("spark.sql.extensions", "io.delta.sql.DeltaSparkSessionExtension")
            .config("spark.sql.catalog.spark_catalog", "org.apache.spark.sql.delta.catalog.DeltaCatalog")
            .config("spark.databricks.delta.snapshotPartitions", "1")
            .getOrCreate();
    spark.sparkContext().setLogLevel("ERROR");
    String script = Files.readString(Path.of(args[0])).replace("$TABLES", tables.toString());
    inParallel(Arrays.asList(script.split("\n\n")), part -> run(spark.newSession(), part));
    try (var folders = Files.list(tables)) {
      inParallel(folders.sorted().toList(), table -> dump(spark, table, rows));
    }
    spark.stop();
  }

  private interface Work<T> {
    void on(T item) throws Exception;
  }

  private static <T> void inParallel(List<T> items, Work<T> work) throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(2);
    List<Callable<Void>> calls = new ArrayList<>();
    for (T item : items) {
      calls.add(
          () -> {
            work.on(item);
            return null;
          });
    }
    for (var call : threads.invokeAll(calls)) call.get();
    threads.shutdown();
  }

  private static void run(SparkSession session, String statements) {
    for (String statement : statements.split(";\\n")) {
      if (!statement.isBlank()) session.sql(statement);
    }
  }

  private static void dump(SparkSession spark, Path table, Path rows) throws Exception {
    var history = spark.sql("describe history delta.`" + table + "`").select("version", "timestamp");
    for (Row commit : history.collectAsList()) {
      long version = commit.getLong(0);
      Dataset<Row> data =
          spark.read().format("delta").option("versionAsOf", version).load(table.toString());
      String columns =
          Arrays.stream(data.schema().fields())
              .map(field -> "{\"name\":" + quote(field.name()) + ",\"type\":" + quote(field.dataType().typeName()) + "}")
              .collect(Collectors.joining(","));
      Dataset<Row> texts =
          data.selectExpr(Arrays.stream(data.schema().fields()).map(SparkTables::asText).toArray(String[]::new));
      String name = table.getFileName() + "@" + version + ".jsonl";
      try (var out = Files.newBufferedWriter(rows.resolve(name))) {
        long time = commit.getTimestamp(1).getTime();
        out.write("{\"time\":" + time + ",\"columns\":[" + columns + "]}\n");
        for (Row row : texts.collectAsList()) {
          var cells = new StringBuilder();
          for (int i = 0; i < row.size(); i++) cells.append(i == 0 ? "" : ",").append(quote(row.getString(i)));
          out.write("[" + cells + "]\n");
        }
      }
    }
  }

  private static String asText(StructField field) {
    String name = "`" + field.name().replace("`", "``") + "`";
    return switch (field.dataType().typeName()) {
      case "struct", "array", "map" -> "to_json(" + name + ", map('ignoreNullFields', 'false'))";
      case "variant" -> "to_json(" + name + ")";
      case "binary" -> "base64(" + name + ")";
      default -> "cast(" + name + " as string)";
    };
  }

  private static String quote(String text) {
    if (text == null) return "null";
    var quoted = new StringBuilder("\"");
    for (char c : text.toCharArray()) {
      if (c == '"' || c == '\\') quoted.append('\\').append(c);
      else if (c < ' ') quoted.append(String.format("\\u%04x", (int) c));
      else quoted.append(c);
    }
    return quoted.append('"').toString();
  }
}
