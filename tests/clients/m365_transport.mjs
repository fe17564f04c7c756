// Loaded before the CLI for Microsoft 365, which knows no Graph but the one at https://graph.microsoft.com: what it sends there goes
// to the twin. The CLI itself is unmodified.
import http from "node:http";
import https from "node:https";

const twin = new URL(process.env.CONVOKE_GRAPH_URL);
https.request = (options, callback) => {
  if (options.hostname !== "graph.microsoft.com") throw new Error(`${options.hostname} is not the twin's to answer`);
  const here = { protocol: "http:", hostname: twin.hostname, host: twin.hostname, port: twin.port, agent: undefined };
  return http.request({ ...options, ...here, agents: undefined }, callback);
};
