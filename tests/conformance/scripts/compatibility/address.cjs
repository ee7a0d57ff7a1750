module.exports = {
  process: (source) => ({ code: source.replace("'http://localhost:4000/'", "process.env.ROUTER_URL") }),
};
