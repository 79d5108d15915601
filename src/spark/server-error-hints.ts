/** Remedies for errors of the server, by Spark's error class or by the message's text. */
export function hintFor(message: string, errorClass = ""): string | undefined {
  return (
    HINTS.find(([pattern]) => pattern.test(errorClass))?.[1] ??
    WORDS.find(([pattern]) => pattern.test(message))?.[1]
  );
}

type Hints = readonly (readonly [pattern: RegExp, hint: string])[];

const HINTS: Hints = [
  [
    /^TABLE_OR_VIEW_NOT_FOUND/,
    "Files of a lake are tables by their paths in spark.query(lake, sql); dataframes are in { frames }.",
  ],
  [/^UNRESOLVED_COLUMN/, "await spark.schema(sql) tells the columns of a statement."],
  [
    /^PARSE_SYNTAX_ERROR|^PARSE_EMPTY/,
    "spark.sql takes Spark's SQL as it is; spark.query(lake, sql) takes the SQL of query(lake, sql).",
  ],
  [
    /^UNBOUND_SQL_PARAMETER|^INVALID_PARAMETER_MARKER|^UNBOUND/,
    "Values go in { parameters: [1, 2] } for ? and { parameters: { name: 1 } } for :name.",
  ],
  [
    /^DATATYPE_MISMATCH\.DATA_DIFF_TYPES/,
    "Both sides need one type. For a list as a parameter write `x in ?`, without brackets.",
  ],
  [/^PATH_NOT_FOUND/, "The cluster looked with its own rights: name the path as it sees it."],
  [
    /^DATA_SOURCE_NOT_FOUND/,
    "The cluster lacks a library for this format; Delta needs io.delta:delta-spark there.",
  ],
  [
    /^INVALID_HANDLE|SESSION_CHANGED/,
    "The server has ended the session, with its temporary views. Call connectSpark() for a new one.",
  ],
  [
    /^ARITHMETIC_OVERFLOW|^DIVIDE_BY_ZERO|^CAST_INVALID/,
    "try_cast and try_divide give null instead.",
  ],
];

/** The lake's reply to an invalid token, as Sail and Apache Spark quote it. */
export const LAKE_TOKEN = /\b401 Unauthorized\b|InvalidAuthenticationInfo|", 401,/;

const WORDS: Hints = [
  [
    /stopped SparkContext|OutOfMemoryError|Java heap space/,
    "The server ran out of memory, and has to be started anew. A smaller result needs less of it: sum up, or add a limit.",
  ],
  [
    /decoded message length too large/,
    "Sail's workers hand over no more than 4 MB in one piece. Several count(distinct …) of many values exceed that: ask for one in a statement, or for count(*) of (select distinct x …). So do long lists and texts: split what makes them.",
  ],
  [
    /compatible types to compare .*\bList\b/,
    "Without brackets, `x in ?` looks for x in the list that a parameter is.",
  ],
  [
    /AADSTS/,
    "The cluster itself could not sign in to read the lake: its own secret or token is wrong or has expired.",
  ],
  [
    LAKE_TOKEN,
    "The lake did not accept the token that the cluster read it with: that has expired, or is of another tenant. Start the cluster again, or sign in again where it was started.",
  ],
  [
    /AuthorizationPermissionMismatch|\b403\b/,
    "The cluster reads with its own identity: give that one a role on the account, such as Storage Blob Data Reader.",
  ],
  [/table.* not found/i, "Files of a lake are tables by their paths in spark.query(lake, sql)."],
];
