/** Programs in the languages of the Azure SDKs that say what is in a storage account. */
export const goProgram = (account: string) => `
package main

import (
	"context"
	"fmt"
	"log"

	"github.com/Azure/azure-sdk-for-go/sdk/azidentity"
	"github.com/Azure/azure-sdk-for-go/sdk/storage/azblob"
)

func main() {
	credential, err := azidentity.NewDefaultAzureCredential(nil)
	if err != nil {
		log.Fatal(err)
	}
	url := "https://${account}.blob.core.windows.net/"
	client, err := azblob.NewClient(url, credential, nil)
	if err != nil {
		log.Fatal(err)
	}
	pages := client.NewListContainersPager(nil)
	for pages.More() {
		page, err := pages.NextPage(context.Background())
		if err != nil {
			log.Fatal(err)
		}
		for _, container := range page.ContainerItems {
			fmt.Println(*container.Name)
		}
	}
}`;

export const javaProgram = (account: string) => `
import com.azure.identity.DefaultAzureCredentialBuilder;
import com.azure.storage.blob.BlobServiceClientBuilder;

public class Main {
  public static void main(String[] args) {
    var client = new BlobServiceClientBuilder()
        .endpoint("https://${account}.blob.core.windows.net")
        .credential(new DefaultAzureCredentialBuilder().build())
        .buildClient();
    client.listBlobContainers().forEach(item -> System.out.println(item.getName()));
  }
}`;

export const pythonProgram = (account: string) => `
from azure.identity import DefaultAzureCredential
from azure.storage.filedatalake import DataLakeServiceClient

url = "https://${account}.dfs.core.windows.net"
client = DataLakeServiceClient(url, DefaultAzureCredential())
for file_system in client.list_file_systems():
    print(file_system.name)`;

export const rustProgram = () => `
use object_store::{azure::MicrosoftAzureBuilder, path::Path, ObjectStore};

#[tokio::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let store = MicrosoftAzureBuilder::from_env().with_container_name("raw").build()?;
    let listed = store.list_with_delimiter(None::<&Path>).await?;
    for folder in listed.common_prefixes {
        println!("{folder}");
    }
    Ok(())
}`;

export const nodeProgram = (account: string) => `
import { DefaultAzureCredential } from "@azure/identity";
import { DataLakeServiceClient } from "@azure/storage-file-datalake";

const url = "https://${account}.dfs.core.windows.net";
const client = new DataLakeServiceClient(url, new DefaultAzureCredential());
for await (const { name } of client.listFileSystems()) console.log(name);`;
