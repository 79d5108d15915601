// Node has it built in.
export default globalThis.fetch;
