"""Templates with loops."""

TEMPLATES = {
    "resources": """
Resources:
  Fn::ForEach::Buckets:
    - Name
    - [Logs, Files]
    - Bucket${Name}:
        Type: AWS::S3::Bucket
        Properties: {BucketName: !Sub "${Name}-${AWS::AccountId}", Tags: [{Key: Name, Value: !Ref Name}]}
  Fn::ForEach::Volumes:
    - Size
    - ["10", "20"]
    - Volume${Size}:
        Type: AWS::EC2::Volume
        Properties: {AvailabilityZone: eu-west-1a, Size: !Ref Size, Encrypted: false}
""",
    "nested loops": """
Resources:
  Fn::ForEach::Environments:
    - Env
    - [Dev, Prod]
    - Fn::ForEach::Queues:
        - Queue
        - [Orders, Bills]
        - ${Env}${Queue}:
            Type: AWS::SQS::Queue
            Properties:
              QueueName: !Join ["-", [!Ref Env, !Ref Queue]]
              RedrivePolicy: {deadLetterTargetArn: !GetAtt [!Sub "${Env}Dead", Arn], maxReceiveCount: 3}
      ${Env}Dead:
        Type: AWS::SQS::Queue
        Properties: {SqsManagedSseEnabled: false}
""",
    "names that logical IDs cannot have": """
Resources:
  Fn::ForEach::Ranges:
    - Range
    - [10.0.0.0/16, 0.0.0.0/0]
    - "Group&{Range}":
        Type: AWS::EC2::SecurityGroup
        Properties:
          GroupDescription: !Sub "from ${Range}"
          SecurityGroupIngress:
            - {IpProtocol: tcp, FromPort: 22, ToPort: 22, CidrIp: !Ref Range, Description: ssh}
""",
    "a list parameter": """
Parameters:
  Names: {Type: CommaDelimitedList, Default: "a, b,c"}
Resources:
  Fn::ForEach::Topics:
    - Name
    - !Ref Names
    - Topic${Name}: {Type: AWS::SNS::Topic, Properties: {TopicName: !Ref Name}}
""",
    "a mapping": """
Mappings:
  Databases: {eu: {Names: [Shop, Stock], Class: db.t3.micro}}
Resources:
  Fn::ForEach::Databases:
    - Name
    - !FindInMap [Databases, eu, Names]
    - ${Name}:
        Type: AWS::RDS::DBInstance
        Properties:
          Engine: postgres
          DBInstanceClass: !FindInMap [Databases, eu, Class]
          PubliclyAccessible: true
          MultiAZ: false
""",
    "mappings by the variable": """
Mappings:
  Data:
    Shop: {Public: true, Kept: 0}
    Stock: {Public: false, Kept: 7}
Resources:
  Fn::ForEach::Databases:
    - Name
    - [Shop, Stock]
    - Database${Name}:
        Type: AWS::RDS::DBInstance
        Properties:
          Engine: postgres
          DBInstanceClass: db.t3.micro
          PubliclyAccessible: !FindInMap [Data, !Ref Name, Public]
          BackupRetentionPeriod: !FindInMap [Data, !Ref Name, Kept]
""",
    "conditions": """
Parameters: {Env: {Type: String, AllowedValues: [dev, test, prod]}}
Conditions:
  Fn::ForEach::Conditions:
    - Which
    - [dev, prod]
    - Is${Which}: !Equals [!Ref Env, !Ref Which]
  IsReal: !Or [!Condition Isprod, !Equals [!Ref Env, test]]
Resources:
  Bucket: {Type: AWS::S3::Bucket, Condition: Isdev}
  Database:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: postgres, DBInstanceClass: db.t3.micro, MultiAZ: !If [Isprod, true, false]}
  Volume:
    Type: AWS::EC2::Volume
    Condition: IsReal
    Properties: {AvailabilityZone: eu-west-1a, Encrypted: !If [Isprod, true, false]}
""",
    "properties": """
Resources:
  Function:
    Type: AWS::Lambda::Function
    Properties:
      Role: arn:aws:iam::123456789012:role/x
      Runtime: python3.8
      Handler: index.handler
      Code: {ZipFile: "x"}
      Environment:
        Variables:
          Fn::ForEach::Variables:
            - Name
            - [DB, API]
            - ${Name}_PASSWORD: !Sub "hunter2-${Name}-Xk29fq"
  Block:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        Fn::ForEach::Blocks:
          - What
          - [Acls, Policy]
          - Block${What}: false
            BlockPublic${What}: false
""",
    "keys by the variable": """
Resources:
  Fn::ForEach::Functions:
    - Name
    - [Orders, Bills]
    - Function${Name}:
        Type: AWS::Lambda::Function
        Properties:
          Role: arn:aws:iam::123456789012:role/x
          Runtime: nodejs12.x
          Handler: index.handler
          Code: {ZipFile: "x"}
          Environment:
            Variables: {"${Name}_TABLE": !Ref Name, "${Name}_SECRET": !Sub "s3cr3t-${Name}-9fkq2"}
""",
    "dependencies and attributes": """
Resources:
  Fn::ForEach::Stages:
    - Stage
    - [One, Two]
    - Queue${Stage}: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}
      Table${Stage}:
        Type: AWS::DynamoDB::Table
        DependsOn: [!Sub "Queue${Stage}", Topic]
        DeletionPolicy: Delete
        Metadata: {Stage: !Ref Stage}
        Properties:
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          BillingMode: PAY_PER_REQUEST
  Topic: {Type: AWS::SNS::Topic}
""",
    "references between what loops make": """
Resources:
  Vpc: {Type: AWS::EC2::VPC, Properties: {CidrBlock: 10.0.0.0/16}}
  Fn::ForEach::Groups:
    - Tier
    - [Web, Data]
    - Group${Tier}:
        Type: AWS::EC2::SecurityGroup
        Properties:
          GroupDescription: !Ref Tier
          VpcId: !Ref Vpc
          SecurityGroupIngress:
            - {IpProtocol: tcp, FromPort: 5432, ToPort: 5432, CidrIp: 0.0.0.0/0, Description: x}
      Database${Tier}:
        Type: AWS::RDS::DBInstance
        Properties:
          Engine: postgres
          DBInstanceClass: db.t3.micro
          PubliclyAccessible: true
          VPCSecurityGroups: [!GetAtt [!Sub "Group${Tier}", GroupId]]
          MasterUsername: admin
          MasterUserPassword: !Sub "pass-${Tier}-word-81"
""",
    "outputs": """
Resources:
  Fn::ForEach::Buckets:
    - Name
    - [A, B]
    - Bucket${Name}: {Type: AWS::S3::Bucket, DeletionPolicy: Retain}
Outputs:
  Fn::ForEach::Outputs:
    - Name
    - [A, B]
    - Fn::ForEach::Attributes:
        - Attribute
        - [Arn, DomainName]
        - Bucket${Name}${Attribute}:
            Value: !GetAtt [!Sub "Bucket${Name}", !Ref Attribute]
            Export: {Name: !Sub "${AWS::StackName}-${Name}-${Attribute}"}
""",
    "policies": """
Resources:
  Fn::ForEach::Roles:
    - Service
    - [lambda, ec2]
    - Role${Service}:
        Type: AWS::IAM::Role
        Properties:
          AssumeRolePolicyDocument:
            Version: "2012-10-17"
            Statement:
              - {Effect: Allow, Action: sts:AssumeRole, Principal: {Service: !Sub "${Service}.amazonaws.com"}}
          Policies:
            - PolicyName: !Ref Service
              PolicyDocument:
                Version: "2012-10-17"
                Statement: [{Effect: Allow, Action: !Sub "${Service}:*", Resource: "*"}]
""",
}
"""Those that cfn-lint's own transform carries out, too."""

BY_HAND = {
    "variables in bare texts": (
        """
Parameters: {Env: {Type: String, AllowedValues: [A, B, C]}}
Conditions:
  IsA: !Equals [!Ref Env, A]
  IsB: !Equals [!Ref Env, B]
Resources:
  Fn::ForEach::Stages:
    - Stage
    - [A, B]
    - Queue${Stage}: {Type: AWS::SQS::Queue, Condition: "Is${Stage}"}
      Table${Stage}:
        Type: AWS::DynamoDB::Table
        Condition: Is${Stage}
        DependsOn: Queue${Stage}
        Properties:
          KeySchema: [{AttributeName: id, KeyType: HASH}]
          AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
          DeletionProtectionEnabled: !If ["Is${Stage}", false, true]
          Tags: [{Key: Queue, Value: !GetAtt "Queue${Stage}.Arn"}]
""",
        """
Parameters: {Env: {Type: String, AllowedValues: [A, B, C]}}
Conditions:
  IsA: !Equals [!Ref Env, A]
  IsB: !Equals [!Ref Env, B]
Resources:
  QueueA: {Type: AWS::SQS::Queue, Condition: IsA}
  QueueB: {Type: AWS::SQS::Queue, Condition: IsB}
  TableA:
    Type: AWS::DynamoDB::Table
    Condition: IsA
    DependsOn: QueueA
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      DeletionProtectionEnabled: !If [IsA, false, true]
      Tags: [{Key: Queue, Value: !GetAtt QueueA.Arn}]
  TableB:
    Type: AWS::DynamoDB::Table
    Condition: IsB
    DependsOn: QueueB
    Properties:
      KeySchema: [{AttributeName: id, KeyType: HASH}]
      AttributeDefinitions: [{AttributeName: id, AttributeType: S}]
      DeletionProtectionEnabled: !If [IsB, false, true]
      Tags: [{Key: Queue, Value: !GetAtt QueueB.Arn}]
""",
    ),
    "a mapping by a parameter that conditions ask for": (
        """
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Mappings:
  Names: {dev: {Names: [Shop]}, prod: {Names: [Shop, Stock]}}
Resources:
  Fn::ForEach::Databases:
    - Name
    - !FindInMap [Names, !Ref Env, Names]
    - ${Name}:
        Type: AWS::RDS::DBInstance
        Properties:
          {Engine: postgres, DBInstanceClass: db.t3.micro, MultiAZ: !If [IsProd, true, false]}
""",
        """
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
  Shop:
    Type: AWS::RDS::DBInstance
    Properties: {Engine: postgres, DBInstanceClass: db.t3.micro, MultiAZ: !If [IsProd, true, false]}
  Stock:
    Type: AWS::RDS::DBInstance
    Condition: IsProd
    Properties: {Engine: postgres, DBInstanceClass: db.t3.micro, MultiAZ: true}
""",
    ),
    "properties by a condition": (
        """
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Mappings:
  Names: {dev: {Names: [Acls]}, prod: {Names: [Acls, Policy]}}
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
        Fn::ForEach::Blocks:
          - What
          - !FindInMap [Names, !Ref Env, Names]
          - BlockPublic${What}: true
""",
        """
Parameters: {Env: {Type: String, AllowedValues: [dev, prod]}}
Conditions: {IsProd: !Equals [!Ref Env, prod]}
Resources:
  Files:
    Type: AWS::S3::Bucket
    Properties:
      PublicAccessBlockConfiguration:
        IgnorePublicAcls: true
        RestrictPublicBuckets: true
        BlockPublicAcls: true
        BlockPublicPolicy: !If [IsProd, true, !Ref AWS::NoValue]
""",
    ),
    "types, and lists of lists": (
        """
Parameters: {More: {Type: CommaDelimitedList, Default: "SNS::Topic,SQS::Queue"}}
Resources:
  Fn::ForEach::Things:
    - Kind
    - [S3::Bucket, !Ref More, !Ref AWS::NoValue]
    - "Thing&{Kind}": {Type: "AWS::${Kind}"}
""",
        """
Resources:
  ThingS3Bucket: {Type: AWS::S3::Bucket}
  ThingSNSTopic: {Type: AWS::SNS::Topic}
  ThingSQSQueue: {Type: AWS::SQS::Queue}
""",
    ),
    "several entries of a loop over split text": (
        """
Parameters: {Names: {Type: String, Default: one|two}}
Resources:
  Fn::ForEach::Things:
    - Name
    - !Split ["|", !Ref Names]
    - Queue${Name}: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}
      Topic${Name}: {Type: AWS::SNS::Topic}
      Subscription${Name}:
        Type: AWS::SNS::Subscription
        Properties: {TopicArn: !Ref "Topic${Name}", Protocol: sqs, Endpoint: !GetAtt "Queue${Name}.Arn"}
""",
        """
Resources:
  Queueone: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}
  Queuetwo: {Type: AWS::SQS::Queue, Properties: {SqsManagedSseEnabled: false}}
  Topicone: {Type: AWS::SNS::Topic}
  Topictwo: {Type: AWS::SNS::Topic}
  Subscriptionone:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topicone, Protocol: sqs, Endpoint: !GetAtt Queueone.Arn}
  Subscriptiontwo:
    Type: AWS::SNS::Subscription
    Properties: {TopicArn: !Ref Topictwo, Protocol: sqs, Endpoint: !GetAtt Queuetwo.Arn}
""",
    ),
}
"""Loops, and the same template without."""
