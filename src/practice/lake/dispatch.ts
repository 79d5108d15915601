import * as containers from "./containers.ts";
import { listPaths } from "./listing.ts";
import { locate, type Operation, type PathOperation } from "./operation.ts";
import { getProperties, read } from "./reading.ts";
import { refuse, refuseQuery } from "./refusals.ts";
import * as writing from "./writing.ts";

type Handler = (operation: Operation) => void | Promise<void>;
type PathHandler = (operation: PathOperation) => void | Promise<void>;

/** Finds what a call asks for, and does it. */
export async function dispatch(operation: Operation): Promise<void> {
  const { call } = operation;
  const isContainer = call.query.get("restype") === "container";
  const isFileSystem = call.query.get("resource") === "filesystem";
  if (call.fileSystem === "") await onAccount(operation);
  else if (call.names.length === 0 && (isContainer || isFileSystem)) await onFileSystem(operation);
  else await onPath(operation);
}

async function onAccount(operation: Operation): Promise<void> {
  const { method, query } = operation.call;
  const isList = query.get("comp") === "list" || query.get("resource") === "account";
  if (method === "GET" && isList) containers.listFileSystems(operation);
  else throw refuse("InvalidUri");
}

const ON_CONTAINER: Readonly<Record<string, Handler>> = {
  "PUT ": containers.createFileSystem,
  "GET ": containers.getFileSystem,
  "HEAD ": containers.getFileSystem,
  "DELETE ": containers.deleteFileSystem,
  "PUT metadata": containers.setFileSystemMetadata,
  "GET metadata": containers.getFileSystem,
  "HEAD metadata": containers.getFileSystem,
};

const ON_FILE_SYSTEM: Readonly<Record<string, Handler>> = {
  PUT: containers.createFileSystem,
  HEAD: containers.getFileSystem,
  PATCH: containers.setFileSystemMetadata,
  DELETE: containers.deleteFileSystem,
  GET: listPaths,
};

async function onFileSystem(operation: Operation): Promise<void> {
  const { method, query, dialect } = operation.call;
  const comp = query.get("comp") ?? "";
  const handler = dialect === "blob" ? ON_CONTAINER[`${method} ${comp}`] : ON_FILE_SYSTEM[method];
  if (!handler) throw comp ? refuseQuery("comp", comp) : refuse("UnsupportedHttpVerb");
  await handler(operation);
}

const ON_ACTION: Readonly<Record<string, PathHandler>> = {
  append: writing.append,
  flush: writing.flush,
  setProperties: writing.setProperties,
};

async function onPath(operation: Operation): Promise<void> {
  const { method, query } = operation.call;
  const comp = query.get("comp");
  if (comp !== null) throw refuseQuery("comp", comp);
  const path = locate(operation);
  if (method === "GET") await read(path);
  else if (method === "HEAD") getProperties(path);
  else if (method === "DELETE") writing.removePath(path);
  else if (method === "PUT") await writing.createPath(path);
  else if (method === "PATCH") {
    const action = query.get("action") ?? "";
    const handler = ON_ACTION[action];
    if (!handler) throw refuseQuery("action", action);
    await handler(path);
  } else throw refuse("UnsupportedHttpVerb");
}
