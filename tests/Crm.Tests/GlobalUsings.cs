// xunit has a class of this name too; here it is always the product's.
global using Record = Crm.Metadata.Record;
