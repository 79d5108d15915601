// Node takes this export for the module when it is required; the bundler does not.
module.exports = require("../../src/frames/tensors/tensorflow.ts")["module.exports"];
