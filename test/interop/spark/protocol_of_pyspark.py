"""Prints the messages of Spark Connect as PySpark has them: {message: {field: [number, type]}}."""

import json
import pathlib
import re
import sys

from google.protobuf.descriptor_pb2 import FieldDescriptorProto, FileDescriptorProto

SERIALIZED = re.compile(r"AddSerializedFile\(\s*((?:b(?:'|\").*?)+)\s*\)\n", re.S)
TYPES = {value: name[5:].lower() for name, value in FieldDescriptorProto.Type.items()}
messages = {}


def collect(prefix, message):
    name = f"{prefix}.{message.name}" if prefix else message.name
    messages[name] = {field.name: [field.number, type_of(field)] for field in message.field}
    for nested in message.nested_type:
        collect(name, nested)


def type_of(field):
    kind = field.type_name.removeprefix(".spark.connect.") or TYPES[field.type]
    return ("repeated " if field.label == FieldDescriptorProto.LABEL_REPEATED else "") + kind


for path in pathlib.Path(sys.argv[1]).glob("*_pb2.py"):
    [literal] = SERIALIZED.findall(path.read_text())
    for message in FileDescriptorProto.FromString(eval(literal)).message_type:
        collect("", message)
print(json.dumps(messages))
