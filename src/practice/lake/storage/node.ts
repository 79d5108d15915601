/** A file or directory; see the schema for units. */
export interface Node {
  readonly id: number;
  readonly parent: number;
  readonly name: string;
  readonly directory: number;
  readonly size: number;
  readonly etag: string;
  readonly created: number;
  readonly modified: number;
  readonly owner: string;
  readonly group: string;
  /** Permission bits, the sticky bit (0o1000) included. */
  readonly mode: number;
  /** Named access entries and default entries, comma-separated, without the mode's own. */
  readonly acl: string | null;
  /** JSON of the content headers. */
  readonly headers: string | null;
  /** JSON of the user's metadata. */
  readonly metadata: string | null;
  /** JSON of the lease. */
  readonly lease: string | null;
  readonly expires: number | null;
}

/** Columns that a new node needs; the others are derived. */
export type NewNode = Pick<Node, "parent" | "name" | "directory" | "owner" | "group" | "mode"> &
  Partial<Pick<Node, "acl" | "headers" | "metadata" | "expires" | "size">>;

export type NodeChange = Partial<Omit<Node, "id" | "directory">>;

/** Columns of a node, in the order of `asNode`. */
export const COLUMNS = `id, parent, name, directory, size, etag, created, modified, owner, "group",
  mode, acl, headers, metadata, lease, expires`;

type Row = [
  id: number,
  parent: number,
  name: string,
  directory: number,
  size: number,
  etag: string,
  created: number,
  modified: number,
  owner: string,
  group: string,
  mode: number,
  acl: string | null,
  headers: string | null,
  metadata: string | null,
  lease: string | null,
  expires: number | null,
];

/** A row of `COLUMNS`, which comes as an array. */
export function asNode(row: unknown): Node {
  const values = row as Row;
  return {
    id: values[0],
    parent: values[1],
    name: values[2],
    directory: values[3],
    size: values[4],
    etag: values[5],
    created: values[6],
    modified: values[7],
    owner: values[8],
    group: values[9],
    mode: values[10],
    acl: values[11],
    headers: values[12],
    metadata: values[13],
    lease: values[14],
    expires: values[15],
  };
}

export function valuesOf(node: Node): Row {
  return [
    node.id,
    node.parent,
    node.name,
    node.directory,
    node.size,
    node.etag,
    node.created,
    node.modified,
    node.owner,
    node.group,
    node.mode,
    node.acl,
    node.headers,
    node.metadata,
    node.lease,
    node.expires,
  ];
}

/** Owner of what no user or application created. */
export const SUPER_USER = "$superuser";
