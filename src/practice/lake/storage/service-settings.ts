import type { DatabaseSync, StatementSync } from "node:sqlite";
import { readXml, type XmlElement } from "../xml/read-xml.ts";
import { element } from "../xml/write-xml.ts";
import { type CorsRule, corsElement, corsRulesIn } from "./cors-rules.ts";

/** Sections of the properties, in the order of the service. */
const SECTIONS = "Logging HourMetrics MinuteMetrics Cors DefaultServiceVersion StaticWebsite".split(
  " ",
);

const OFF = element("Version", "1.0");
const DEFAULTS: Readonly<Record<string, string>> = {
  Logging: `<Logging>${OFF}<Delete>false</Delete><Read>false</Read><Write>false</Write><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></Logging>`,
  HourMetrics: `<HourMetrics>${OFF}<Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></HourMetrics>`,
  MinuteMetrics: `<MinuteMetrics>${OFF}<Enabled>false</Enabled><RetentionPolicy><Enabled>false</Enabled></RetentionPolicy></MinuteMetrics>`,
  Cors: "<Cors />",
  StaticWebsite: "<StaticWebsite><Enabled>false</Enabled></StaticWebsite>",
};

/** The properties of an account's blob service, in its database. */
export class Settings {
  readonly #database: DatabaseSync;
  readonly #select: StatementSync;
  #cors: readonly CorsRule[] | undefined;

  constructor(database: DatabaseSync) {
    this.#database = database;
    this.#select = database.prepare("select value from settings where name = ?");
  }

  /** Retention of soft delete in days; 0 when it is off. */
  retention(): number {
    return Number(this.#get("retention") ?? 0);
  }

  setRetention(days: number): void {
    this.#set("retention", String(days));
  }

  /** The same for file systems. */
  fileSystemRetention(): number {
    return Number(this.#get("filesystem-retention") ?? 0);
  }

  setFileSystemRetention(days: number): void {
    this.#set("filesystem-retention", String(days));
  }

  corsRules(): readonly CorsRule[] {
    // Cached, as every request reads them.
    if (!this.#cors) {
      const source = this.#get("Cors");
      this.#cors = source === undefined ? [] : corsRulesIn(readXml(source));
    }
    return this.#cors;
  }

  setCorsRules(rules: readonly CorsRule[]): void {
    this.#set("Cors", corsElement(rules));
  }

  /** Saves the sections that a properties document has. */
  keep({ children }: XmlElement): void {
    for (const { name, source } of children) {
      if (SECTIONS.includes(name)) this.#set(name, source);
    }
  }

  /** All properties as the service lists them. */
  xml(): string {
    const sections = SECTIONS.map((name) => this.#get(name) ?? DEFAULTS[name] ?? "");
    const days = this.retention();
    const retention =
      days === 0 ? element("Enabled", "false") : element("Enabled", "true") + element("Days", days);
    sections.push(element("DeleteRetentionPolicy", retention, true));
    return element("StorageServiceProperties", sections.join(""), true);
  }

  #get(name: string): string | undefined {
    const row = this.#select.get(name);
    return (row as { value: string } | undefined)?.value;
  }

  #set(name: string, value: string): void {
    this.#cors = undefined;
    this.#database.prepare("insert or replace into settings values (?, ?)").run(name, value);
  }
}
