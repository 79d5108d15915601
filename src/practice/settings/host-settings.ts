import { dirname, join } from "node:path";
import type { PracticeDescription } from "../description.ts";
import {
  goProgram,
  javaProgram,
  nodeProgram,
  pythonProgram,
  rustProgram,
} from "./sample-programs.ts";
import { quote } from "./shell-quote.ts";

/** Clients that `hostSettings` knows what to tell. */
export const CLIENT_NAMES = [
  "az",
  "azcopy",
  "go",
  "java",
  "python",
  "rust",
  "node",
  "rclone",
  "spark",
] as const;
/** The name of one of them. */
export type ClientName = (typeof CLIENT_NAMES)[number];

/** What a client needs beside host names and proxy. */
interface Client {
  readonly about: string;
  /** Shell commands that come before the variables. */
  readonly prepare?: readonly string[];
  readonly variables: Readonly<Record<string, string>>;
  /** A file of the reader's own, and what is in it. */
  readonly file?: { readonly name: string; readonly text: string };
  /** What to type then. */
  readonly commands: readonly string[];
}

/**
 * Shell commands that lead one client to a practice cloud under Azure's own host names: the names
 * are those of Azure, a proxy on this machine leads them to the practice cloud, and it lets nothing
 * else pass. What a reader does then stands below them in comments. Files are named where there are
 * secrets.
 *
 * @param name which client
 * @param description of the practice cloud: `cloud.description`
 * @example
 * await using cloud = await startPractice();
 * console.log(hostSettings("rclone", cloud.description));
 */
export function hostSettings(name: ClientName, description: PracticeDescription): string {
  const client = CLIENTS[name](description);
  const { file } = client;
  const variables = { ...proxyVariables(description), ...client.variables };
  return [
    `# ${client.about}`,
    "# In this shell nothing reaches the network any more: HTTPS_PROXY leads to the practice cloud.",
    `unset ${OTHERS.join(" ")}`,
    ...(client.prepare ?? []),
    ...Object.entries(variables).map(([key, value]) => `export ${key}=${quote(value)}`),
    ...(file ? [`# ${file.name}:`, ...file.text.trim().split("\n").map(comment)] : []),
    "# Then:",
    ...client.commands.map(comment),
  ].join("\n");
}

/** Variables of real accounts, which some clients would use first. */
const OTHERS = `ALL_PROXY all_proxy AZURE_CLIENT_SECRET AZURE_FEDERATED_TOKEN_FILE
  AZURE_PASSWORD AZURE_STORAGE_CONNECTION_STRING AZURE_STORAGE_KEY AZURE_STORAGE_SAS_TOKEN
  AZURE_TOKEN_CREDENTIALS AZURE_USERNAME`.split(/\s+/);

function comment(line: string): string {
  return `#   ${line}`.trimEnd();
}

/** Lower-case names too: many programs prefer them. */
function proxyVariables({ pages, tenantId, subscriptionId, account }: PracticeDescription) {
  const local = "127.0.0.1,localhost";
  return {
    HTTPS_PROXY: pages,
    https_proxy: pages,
    HTTP_PROXY: pages,
    http_proxy: pages,
    NO_PROXY: local,
    no_proxy: local,
    AZURE_AUTHORITY_HOST: "https://login.microsoftonline.com",
    AZURE_TENANT_ID: tenantId,
    AZURE_SUBSCRIPTION_ID: subscriptionId,
    AZURE_STORAGE_ACCOUNT: account,
  };
}

/** Variables of `EnvironmentCredential`, in every language. */
function serviceVariables({ service, certificateFile }: PracticeDescription) {
  return {
    AZURE_CLIENT_ID: service.clientId,
    AZURE_CLIENT_CERTIFICATE_PATH: certificateFile,
  };
}

const TRUST_PASSWORD = "practice";

/** Java reads neither variables nor PEM. */
function javaSettings({ caFile, pages }: PracticeDescription) {
  const store = join(dirname(caFile), "ca.p12");
  const { hostname, port } = new URL(pages);
  const keytool =
    `rm -f ${quote(store)} && keytool -importcert -noprompt -alias practice -file ${quote(caFile)} ` +
    `-keystore ${quote(store)} -storetype PKCS12 -storepass ${TRUST_PASSWORD}`;
  const options = {
    "javax.net.ssl.trustStore": store,
    "javax.net.ssl.trustStorePassword": TRUST_PASSWORD,
    "https.proxyHost": hostname,
    "https.proxyPort": port,
    "http.proxyHost": hostname,
    "http.proxyPort": port,
  };
  const words = Object.entries(options).map(([key, value]) => `-D${key}=${javaWord(value)}`);
  return { prepare: [keytool], variables: { JAVA_TOOL_OPTIONS: words.join(" ") } };
}

/** A word of JAVA_TOOL_OPTIONS, where quotes keep spaces together. */
function javaWord(value: string): string {
  return /[\s'"]/.test(value) ? `"${value.replaceAll('"', `"'"'"`)}"` : value;
}

const CLIENTS: Readonly<Record<ClientName, (description: PracticeDescription) => Client>> = {
  az: (description) => ({
    about: "The Azure CLI, with a folder of its own for who is signed in.",
    variables: {
      ...serviceVariables(description),
      AZURE_CONFIG_DIR: join(dirname(description.caFile), "az"),
      AZURE_CORE_COLLECT_TELEMETRY: "false",
      AZURE_STORAGE_AUTH_MODE: "login",
      REQUESTS_CA_BUNDLE: description.caFile,
    },
    commands: [
      "az login --service-principal --username $AZURE_CLIENT_ID --tenant $AZURE_TENANT_ID \\",
      '  --certificate "$AZURE_CLIENT_CERTIFICATE_PATH" --output none',
      "az storage fs list --query '[].name' --output tsv",
    ],
  }),
  azcopy: (description) => ({
    about: "AzCopy, as the service application. (On macOS it trusts what the keychain has.)",
    variables: {
      AZCOPY_AUTO_LOGIN_TYPE: "SPN",
      AZCOPY_SPA_APPLICATION_ID: description.service.clientId,
      AZCOPY_SPA_CERT_PATH: description.certificateFile,
      AZCOPY_TENANT_ID: description.tenantId,
      SSL_CERT_FILE: description.caFile,
    },
    commands: [`azcopy list https://${description.account}.blob.core.windows.net/raw`],
  }),
  go: (description) => ({
    about: "The Azure SDK for Go. (On macOS Go trusts what the keychain has.)",
    variables: { ...serviceVariables(description), SSL_CERT_FILE: description.caFile },
    file: { name: "main.go", text: goProgram(description.account) },
    commands: ["go run ."],
  }),
  java: (description) => {
    const { prepare, variables } = javaSettings(description);
    return {
      about: "The Azure SDK for Java, and any other program on a JVM.",
      prepare,
      variables: { ...serviceVariables(description), ...variables },
      file: { name: "Main.java", text: javaProgram(description.account) },
      commands: ['java -cp "jars/*" Main.java'],
    };
  },
  python: (description) => ({
    about: "The Azure SDK for Python, and what stands on it: adlfs, pandas.",
    variables: {
      ...serviceVariables(description),
      REQUESTS_CA_BUNDLE: description.caFile,
      SSL_CERT_FILE: description.caFile,
    },
    file: { name: "main.py", text: pythonProgram(description.account) },
    commands: ["python main.py"],
  }),
  rust: (description) => ({
    about: "The Azure SDK for Rust, and object_store.",
    variables: {
      AZURE_CLIENT_ID: description.service.clientId,
      AZURE_FEDERATED_TOKEN_FILE: description.federatedTokenFile,
      AZURE_STORAGE_ACCOUNT_NAME: description.account,
      SSL_CERT_FILE: description.caFile,
    },
    file: { name: "src/main.rs", text: rustProgram() },
    commands: ["cargo run --quiet"],
  }),
  node: (description) => ({
    about: "The Azure SDK for JavaScript. (In tests: the option httpClient, without a proxy.)",
    variables: { ...serviceVariables(description), NODE_EXTRA_CA_CERTS: description.caFile },
    file: { name: "main.mjs", text: nodeProgram(description.account) },
    commands: ["node main.mjs"],
  }),
  rclone: (description) => ({
    about: "rclone, with a remote called practice. (On macOS it trusts what the keychain has.)",
    prepare: [
      `export RCLONE_CONFIG_PRACTICE_KEY="$(cat ${quote(description.keyFiles.accountKey)})"`,
    ],
    variables: {
      RCLONE_CONFIG_PRACTICE_TYPE: "azureblob",
      RCLONE_CONFIG_PRACTICE_ACCOUNT: description.account,
      SSL_CERT_FILE: description.caFile,
    },
    commands: ["rclone lsd practice:"],
  }),
  spark: (description) => {
    const { prepare, variables } = javaSettings(description);
    const properties = {
      "fs.azure.account.auth.type": "OAuth",
      "fs.azure.account.oauth.provider.type":
        "org.apache.hadoop.fs.azurebfs.oauth2.ClientCredsTokenProvider",
      "fs.azure.account.oauth2.client.endpoint": `https://login.microsoftonline.com/${description.tenantId}/oauth2/v2.0/token`,
      "fs.azure.account.oauth2.client.id": description.service.clientId,
      // biome-ignore lint/suspicious/noTemplateCurlyInString: Hadoop fills it in
      "fs.azure.account.oauth2.client.secret": "${env.PRACTICE_CLIENT_SECRET}",
      "fs.azure.account.hns.enabled": "true",
      "fs.azure.networking.library": "JDK_HTTP_URL_CONNECTION",
      "fs.azure.ssl.channel.mode": "Default_JSSE",
    };
    const rows = Object.entries(properties).map(
      ([key, value]) => `  <property><name>${key}</name><value>${value}</value></property>`,
    );
    const { clientSecret } = description.keyFiles;
    return {
      about: "Apache Spark and Hadoop's client, with hadoop-azure on the class path.",
      prepare: [...prepare, `export PRACTICE_CLIENT_SECRET="$(cat ${quote(clientSecret)})"`],
      variables,
      file: {
        name: "conf/core-site.xml",
        text: ["<configuration>", ...rows, "</configuration>"].join("\n"),
      },
      commands: [
        `HADOOP_CONF_DIR=conf hadoop fs -ls abfss://raw@${description.account}.dfs.core.windows.net/`,
      ],
    };
  },
};
